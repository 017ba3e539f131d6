/** Whether the help is open. */
import { signal } from '@preact/signals';

export const help = signal(false);
