//! Two runs hold the same, but for the rounding of float32.

use tlc_core::arrow::array::{Array, ArrayRef, AsArray};
use tlc_core::arrow::compute::cast;
use tlc_core::arrow::datatypes::{DataType, Float64Type};
use tlc_core::{MetricsTable, Run};

/// Absolute, or relative for values above 1: float32 sums in another order.
pub(crate) const TOLERANCE: f64 = 1e-4;

/// Asserts that two runs have the same metrics tables with the same columns, and the same
/// aggregates.
pub(crate) fn assert_same_runs(cpu: &Run, gpu: &Run) {
    let (tables, others) = (cpu.metrics().unwrap(), gpu.metrics().unwrap());
    assert_eq!(tables.len(), others.len());
    for (cpu, gpu) in tables.iter().zip(&others) {
        assert_same_tables(cpu, gpu);
    }
    let (series, others) = (cpu.aggregates().unwrap(), gpu.aggregates().unwrap());
    assert_eq!(series.len(), others.len());
    for (cpu, gpu) in series.iter().zip(&others) {
        assert_eq!((&cpu.key, cpu.points.len()), (&gpu.key, gpu.points.len()));
        for (cpu_point, gpu_point) in cpu.points.iter().zip(&gpu.points) {
            assert_close(&cpu.key, cpu_point.1, gpu_point.1);
        }
    }
}

/// Asserts that two metrics tables have the same schema and the same rows.
pub(crate) fn assert_same_tables(cpu: &MetricsTable, gpu: &MetricsTable) {
    assert_eq!(cpu.info().stream_name, gpu.info().stream_name);
    assert_eq!(cpu.schema(), gpu.schema());
    let (cpu, gpu) = (cpu.read().unwrap(), gpu.read().unwrap());
    assert_eq!(cpu.num_rows(), gpu.num_rows());
    for (field, (cpu, gpu)) in cpu
        .schema()
        .fields()
        .iter()
        .zip(cpu.columns().iter().zip(gpu.columns()))
    {
        assert_same_columns(field.name(), cpu, gpu);
    }
}

/// Floats may differ by rounding, wherever they are nested; all else is equal.
fn assert_same_columns(name: &str, cpu: &ArrayRef, gpu: &ArrayRef) {
    assert_eq!(cpu.logical_nulls(), gpu.logical_nulls(), "{name}: nulls");
    match cpu.data_type() {
        float if float.is_floating() => {
            for (cpu, gpu) in floats(cpu).into_iter().zip(floats(gpu)) {
                assert_close(name, cpu, gpu);
            }
        }
        DataType::FixedSizeList(..) => {
            let (cpu, gpu) = (cpu.as_fixed_size_list(), gpu.as_fixed_size_list());
            assert_same_columns(name, cpu.values(), gpu.values());
        }
        DataType::List(_) => {
            let (cpu, gpu) = (cpu.as_list::<i32>(), gpu.as_list::<i32>());
            assert_eq!(cpu.offsets(), gpu.offsets(), "{name}: lengths");
            assert_same_columns(name, cpu.values(), gpu.values());
        }
        DataType::Struct(fields) => {
            for (at, field) in fields.iter().enumerate() {
                let (cpu, gpu) = (cpu.as_struct().column(at), gpu.as_struct().column(at));
                assert_same_columns(&format!("{name}.{}", field.name()), cpu, gpu);
            }
        }
        _ => assert_eq!(cpu, gpu, "{name}"),
    }
}

fn floats(column: &ArrayRef) -> Vec<f64> {
    let wide = cast(column, &DataType::Float64).unwrap();
    wide.as_primitive::<Float64Type>().values().to_vec()
}

fn assert_close(what: &str, cpu: f64, gpu: f64) {
    let scale = cpu.abs().max(gpu.abs()).max(1.0);
    let close = (cpu - gpu).abs() <= TOLERANCE * scale || (cpu.is_nan() && gpu.is_nan());
    assert!(close, "{what}: {cpu} on the CPU and {gpu} on the GPU");
}
