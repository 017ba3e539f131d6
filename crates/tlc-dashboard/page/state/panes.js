/** Which panels of the samples are shown. */
import { computed } from '@preact/signals';
import { param, setParams } from './url.js';

const filters = param('filters');
export const areFiltersShown = computed(() => filters.value !== 'off');
export const toggleFilters = () => setParams({ filters: areFiltersShown.peek() ? 'off' : null });
