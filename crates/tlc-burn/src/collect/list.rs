//! Collectors of any kind as one list, which is what the pipeline runs.

use super::collector::{MetricsCollector, Preprocess};
use super::functional::{Functional, Values};
use super::host::HostBatch;
use super::input::Adapt;
use super::readback::Readback;
use super::summary::Summary;
use crate::Result;
use crate::tap::Activations;
use std::sync::Arc;
use tlc_core::{Column, Columns};

/// A list of collectors for batches `B` and outputs `O`, for a number of them that
/// is only known when the program runs.
///
/// ```
/// use tlc_burn::{Classification, ClassificationInput, Collectors, Embeddings};
///
/// let mut collectors = Collectors::<(), ClassificationInput>::new();
/// collectors.add(Classification::new(["cat", "dog"]));
/// for layer in ["conv1", "conv2"] {
///     collectors.add(Embeddings::of([layer]));
/// }
/// ```
pub struct Collectors<'c, B, O> {
    members: Vec<AnyCollector<'c, B, O>>,
}

impl<'c, B, O> Collectors<'c, B, O> {
    /// No collector yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            members: Vec::new(),
        }
    }

    /// Adds a collector, or several in a tuple.
    pub fn add<K>(&mut self, collectors: impl IntoCollectors<'c, B, O, K>) {
        collectors.add_to(self);
    }

    pub(crate) fn as_slice(&self) -> &[AnyCollector<'c, B, O>] {
        &self.members
    }
}

/// The same collectors once more.
impl<B, O> Clone for Collectors<'_, B, O> {
    fn clone(&self) -> Self {
        Self {
            members: self.members.clone(),
        }
    }
}

impl<B, O> Default for Collectors<'_, B, O> {
    fn default() -> Self {
        Self::new()
    }
}

impl<B, O> std::fmt::Debug for Collectors<'_, B, O> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list()
            .entries(self.members.iter().map(|member| &member.host.name))
            .finish()
    }
}

/// What can be collected from batches `B` and outputs `O`: a [`MetricsCollector`]
/// whose input the output offers, a closure over `&O` (or `&B` and `&O`), a
/// [`Functional`], a [`Preprocess`], a [`Collectors`], or a tuple of these.
///
/// `K` tells the [`kind`]s apart and is always inferred.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot collect from the model's output `{O}`",
    note = "a collector needs `impl Adapt<its Input> for {O}`; a closure takes `&{O}`, spelled out"
)]
pub trait IntoCollectors<'c, B, O, K> {
    /// Adds them to a list.
    fn add_to(self, collectors: &mut Collectors<'c, B, O>);
}

/// The kinds of [`IntoCollectors`], for inference alone.
pub mod kind {
    use std::marker::PhantomData;

    /// A `MetricsCollector`.
    #[derive(Debug)]
    pub struct Collector;
    /// A `Preprocess`.
    #[derive(Debug)]
    pub struct Preprocessed;
    /// A closure over the output.
    #[derive(Debug)]
    pub struct OfOutput<V>(PhantomData<V>);
    /// A closure over batch and output.
    #[derive(Debug)]
    pub struct OfBatch<V>(PhantomData<V>);
    /// A `Functional` over the output or over batch and output.
    #[derive(Debug)]
    pub struct Named<K>(PhantomData<K>);
    /// A `Collectors`.
    #[derive(Debug)]
    pub struct List;
}

/// One collector, whatever it was made of.
pub(crate) struct AnyCollector<'c, B, O> {
    pub(crate) host: Arc<HostPhase<'c>>,
    pub(crate) activations: Vec<String>,
    /// The batch, where it is needed after the model has consumed it.
    pub(crate) keep: fn(&B) -> Option<B>,
    pub(crate) compute: Compute<'c, B, O>,
}

impl<B, O> Clone for AnyCollector<'_, B, O> {
    fn clone(&self) -> Self {
        Self {
            host: Arc::clone(&self.host),
            activations: self.activations.clone(),
            keep: self.keep,
            compute: Arc::clone(&self.compute),
        }
    }
}

/// The part of a collector that knows neither batch nor output.
pub(crate) struct HostPhase<'c> {
    pub(crate) name: String,
    pub(crate) columns: Vec<Column>,
    pub(crate) compute_aggregates: bool,
    pub(crate) collect: Collect<'c>,
    pub(crate) summary: NewSummary<'c>,
}

type Compute<'c, B, O> =
    Arc<dyn Fn(Option<&B>, &O, &Activations, &mut Readback) -> Result<()> + Send + Sync + 'c>;
type Collect<'c> = Box<dyn Fn(&HostBatch) -> Result<Columns> + Send + Sync + 'c>;
type NewSummary<'c> = Box<dyn Fn() -> Option<Box<dyn Summary>> + Send + Sync + 'c>;

impl<'c, B, O> AnyCollector<'c, B, O> {
    fn of_collector<C: MetricsCollector + 'c>(
        collector: C,
        keep: fn(&B) -> Option<B>,
        input: impl Fn(Option<&B>, &O) -> Option<C::Input> + Send + Sync + 'c,
    ) -> Self {
        let collector = Arc::new(collector);
        let (same, again) = (Arc::clone(&collector), Arc::clone(&collector));
        let host = HostPhase {
            name: collector.name().to_owned(),
            columns: collector.columns(),
            compute_aggregates: collector.compute_aggregates(),
            collect: Box::new(move |batch| same.collect(batch)),
            summary: Box::new(move || again.summary()),
        };
        Self {
            host: Arc::new(host),
            activations: collector.activations(),
            keep,
            compute: Arc::new(move |batch, output, activations, readback| {
                match input(batch, output) {
                    Some(input) => collector.compute(input, activations, readback),
                    None => Ok(()),
                }
            }),
        }
    }

    fn of_closure<F, V: Values>(
        functional: Functional<F>,
        keep: fn(&B) -> Option<B>,
        call: impl Fn(&F, Option<&B>, &O) -> Option<V> + Send + Sync + 'c,
    ) -> Self
    where
        F: Send + Sync + 'c,
    {
        let Functional {
            name,
            closure,
            columns,
            aggregates,
        } = functional;
        let host = HostPhase {
            name: name.clone(),
            columns,
            compute_aggregates: aggregates,
            collect: Box::new(HostBatch::to_columns),
            summary: Box::new(|| None),
        };
        Self {
            host: Arc::new(host),
            activations: Vec::new(),
            keep,
            compute: Arc::new(move |batch, output, _, readback| {
                match call(&closure, batch, output) {
                    Some(values) => values.register(&name, readback),
                    None => Ok(()),
                }
            }),
        }
    }
}

fn keep_none<B>(_: &B) -> Option<B> {
    None
}

fn keep_clone<B: Clone>(batch: &B) -> Option<B> {
    Some(batch.clone())
}

impl<'c, B, O, C> IntoCollectors<'c, B, O, kind::Collector> for C
where
    C: MetricsCollector + 'c,
    O: Adapt<C::Input>,
{
    fn add_to(self, collectors: &mut Collectors<'c, B, O>) {
        let adapt = |_: Option<&B>, output: &O| Some(output.to_input());
        collectors
            .members
            .push(AnyCollector::of_collector(self, keep_none, adapt));
    }
}

impl<'c, B, O, C, F> IntoCollectors<'c, B, O, kind::Preprocessed> for Preprocess<C, F>
where
    B: Clone,
    C: MetricsCollector + 'c,
    F: Fn(&B, &O) -> C::Input + Send + Sync + 'c,
{
    fn add_to(self, collectors: &mut Collectors<'c, B, O>) {
        let closure = self.closure;
        let input = move |batch: Option<&B>, output: &O| batch.map(|batch| closure(batch, output));
        collectors.members.push(AnyCollector::of_collector(
            self.collector,
            keep_clone,
            input,
        ));
    }
}

impl<'c, B, O, F, V> IntoCollectors<'c, B, O, kind::Named<kind::OfOutput<V>>> for Functional<F>
where
    F: Fn(&O) -> V + Send + Sync + 'c,
    V: Values,
{
    fn add_to(self, collectors: &mut Collectors<'c, B, O>) {
        let call = |closure: &F, _: Option<&B>, output: &O| Some(closure(output));
        collectors
            .members
            .push(AnyCollector::of_closure(self, keep_none, call));
    }
}

impl<'c, B, O, F, V> IntoCollectors<'c, B, O, kind::Named<kind::OfBatch<V>>> for Functional<F>
where
    B: Clone,
    F: Fn(&B, &O) -> V + Send + Sync + 'c,
    V: Values,
{
    fn add_to(self, collectors: &mut Collectors<'c, B, O>) {
        let call =
            |closure: &F, batch: Option<&B>, output: &O| batch.map(|batch| closure(batch, output));
        collectors
            .members
            .push(AnyCollector::of_closure(self, keep_clone, call));
    }
}

impl<'c, B, O, F, V> IntoCollectors<'c, B, O, kind::OfOutput<V>> for F
where
    F: Fn(&O) -> V + Send + Sync + 'c,
    V: Values,
{
    fn add_to(self, collectors: &mut Collectors<'c, B, O>) {
        Functional::new("closure", self).add_to(collectors);
    }
}

impl<'c, B, O, F, V> IntoCollectors<'c, B, O, kind::OfBatch<V>> for F
where
    B: Clone,
    F: Fn(&B, &O) -> V + Send + Sync + 'c,
    V: Values,
{
    fn add_to(self, collectors: &mut Collectors<'c, B, O>) {
        Functional::new("closure", self).add_to(collectors);
    }
}

impl<'c, B, O> IntoCollectors<'c, B, O, kind::List> for Collectors<'c, B, O> {
    fn add_to(self, collectors: &mut Self) {
        collectors.members.extend(self.members);
    }
}

macro_rules! tuples {
    ($($member:ident $kind:ident),+) => {
        impl<'c, Batch, Output, $($member, $kind),+>
            IntoCollectors<'c, Batch, Output, ($($kind,)+)> for ($($member,)+)
        where
            $($member: IntoCollectors<'c, Batch, Output, $kind>),+
        {
            #[allow(non_snake_case)] // the members' names are their types'
            fn add_to(self, collectors: &mut Collectors<'c, Batch, Output>) {
                let ($($member,)+) = self;
                $($member.add_to(collectors);)+
            }
        }
    };
}

tuples!(A KindA);
tuples!(A KindA, B KindB);
tuples!(A KindA, B KindB, C KindC);
tuples!(A KindA, B KindB, C KindC, D KindD);
tuples!(A KindA, B KindB, C KindC, D KindD, E KindE);
tuples!(A KindA, B KindB, C KindC, D KindD, E KindE, F KindF);
