//! The one place that knows backends by name.

use crate::{Error, Result};
use burn::tensor::Device;

/// The Burn device of a name: `cpu` (flex), `ndarray` or `wgpu`.
///
/// ```
/// let device = tlc_burn::device("cpu")?;
/// assert!(tlc_burn::device("abacus").is_err());
/// # Ok::<(), tlc_burn::Error>(())
/// ```
///
/// # Errors
/// [`Error::UnknownDevice`]; [`Error::DeviceNotBuiltIn`] names the cargo feature.
pub fn device(name: &str) -> Result<Device> {
    match name {
        "cpu" => cpu(),
        "ndarray" => ndarray(),
        "wgpu" => wgpu(),
        _ => Err(Error::UnknownDevice {
            name: name.to_owned(),
        }),
    }
}

/// Whether the device takes work and computes it later, and tunes its kernels to
/// each new shape. Then batches are kept in flight and the last one is padded.
pub(crate) fn is_lazy(device: &Device) -> bool {
    let eager = [cpu(), ndarray()];
    !eager.iter().flatten().any(|eager| eager == device)
}

/// Whether Burn says in a panic that tensors are on several devices; it has no error for it.
pub(crate) fn tells_devices_apart(panic: &str) -> bool {
    let said = [
        "on the wrong backend",
        "on the same device",
        "on the same backend",
    ];
    said.iter().any(|said| panic.contains(said))
}

#[cfg(feature = "flex")]
#[allow(clippy::unnecessary_wraps)] // fails where the feature is off
fn cpu() -> Result<Device> {
    Ok(Device::flex())
}

#[cfg(not(feature = "flex"))]
fn cpu() -> Result<Device> {
    Err(not_built_in("cpu", "flex"))
}

#[cfg(feature = "ndarray")]
#[allow(clippy::unnecessary_wraps)] // fails where the feature is off
#[allow(deprecated)] // selectable until Burn drops it
fn ndarray() -> Result<Device> {
    Ok(Device::ndarray())
}

#[cfg(not(feature = "ndarray"))]
fn ndarray() -> Result<Device> {
    Err(not_built_in("ndarray", "ndarray"))
}

#[cfg(feature = "wgpu")]
#[allow(clippy::unnecessary_wraps)] // fails where the feature is off
fn wgpu() -> Result<Device> {
    Ok(Device::wgpu(burn::tensor::DeviceKind::DefaultDevice))
}

#[cfg(not(feature = "wgpu"))]
fn wgpu() -> Result<Device> {
    Err(not_built_in("wgpu", "wgpu"))
}

#[cfg(not(all(feature = "flex", feature = "ndarray", feature = "wgpu")))]
fn not_built_in(name: &str, feature: &'static str) -> Error {
    Error::DeviceNotBuiltIn {
        name: name.to_owned(),
        feature,
    }
}
