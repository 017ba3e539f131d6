//! The views that are open: each is asked again and again, under other filters mostly.

use crate::refusal::{Answer, Refusal};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tlc_view::{Epochs, Filter, Filtered, Order, OrderBy, Ordered, View};

/// Views that are open at a time, and orders that each keeps.
const MOST_VIEWS: usize = 8;
const MOST_ORDERS: usize = 4;

/// Open views by their ids, the one used last in front.
#[derive(Debug, Default)]
pub(crate) struct Views(Mutex<Vec<(String, Arc<Opened>)>>);

/// A view, and what was computed for the question before.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) view: Arc<View>,
    /// The same with the metrics of all epochs, once a sample is looked at.
    all_epochs: Mutex<Option<Arc<View>>>,
    last: Mutex<Last>,
}

#[derive(Debug, Default)]
struct Last {
    filtered: Option<Arc<Filtered>>,
    orders: Vec<(Vec<OrderBy>, Order)>,
    /// The rows that pass the last filters, in one of the orders.
    ordered: HashMap<Vec<OrderBy>, Arc<Ordered>>,
}

impl Views {
    /// An open view.
    ///
    /// # Errors
    /// If it is open no more.
    pub(crate) fn require(&self, id: &str) -> Answer<Arc<Opened>> {
        let mut all = self.all();
        let place = all.iter().position(|(known, _)| known == id);
        let found = all.remove(place.ok_or_else(Refusal::view_closed)?);
        let opened = Arc::clone(&found.1);
        all.insert(0, found);
        Ok(opened)
    }

    pub(crate) fn keep(&self, id: &str, view: View) -> Arc<Opened> {
        let opened = Arc::new(Opened {
            view: Arc::new(view),
            all_epochs: Mutex::default(),
            last: Mutex::default(),
        });
        let mut all = self.all();
        all.retain(|(known, _)| known != id);
        all.insert(0, (id.to_owned(), Arc::clone(&opened)));
        all.truncate(MOST_VIEWS);
        opened
    }

    fn all(&self) -> MutexGuard<'_, Vec<(String, Arc<Opened>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Opened {
    /// The rows that pass some filters. Those that stood before are not computed again.
    pub(crate) fn filtered(&self, filters: &[Filter]) -> Answer<Arc<Filtered>> {
        let before = self.last().filtered.clone();
        let filtered = match before {
            Some(before) if before.is_under(filters) => return Ok(before),
            Some(before) => before.refine(filters)?,
            None => Filtered::new(&self.view, filters)?,
        };
        let filtered = Arc::new(filtered);
        let mut last = self.last();
        last.filtered = Some(Arc::clone(&filtered));
        last.ordered.clear();
        Ok(filtered)
    }

    /// The rows that pass, in an order.
    pub(crate) fn ordered(&self, filtered: &Arc<Filtered>, by: &[OrderBy]) -> Answer<Arc<Ordered>> {
        let is_last = |last: &Last| {
            let last = last.filtered.as_ref();
            last.is_some_and(|last| Arc::ptr_eq(last, filtered))
        };
        let known = {
            let last = self.last();
            last.ordered.get(by).filter(|_| is_last(&last)).cloned()
        };
        if let Some(known) = known {
            return Ok(known);
        }
        let ordered = Arc::new(self.order(by)?.under(filtered));
        let mut last = self.last();
        if is_last(&last) {
            last.ordered.insert(by.to_vec(), Arc::clone(&ordered));
        }
        Ok(ordered)
    }

    /// All that was ever said of its samples.
    pub(crate) fn all_epochs(&self) -> Answer<Arc<View>> {
        let mut known = self
            .all_epochs
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(all) = known.as_ref() {
            return Ok(Arc::clone(all));
        }
        let all = Arc::new(self.view.with_epochs(Epochs::All)?);
        *known = Some(Arc::clone(&all));
        Ok(all)
    }

    fn order(&self, by: &[OrderBy]) -> Answer<Order> {
        let known = {
            let last = self.last();
            let known = last.orders.iter().find(|(known, _)| known == by);
            known.map(|(_, order)| order.clone())
        };
        if let Some(order) = known {
            return Ok(order);
        }
        let order = self.view.order(by)?;
        let mut last = self.last();
        last.orders.insert(0, (by.to_vec(), order.clone()));
        last.orders.truncate(MOST_ORDERS);
        Ok(order)
    }

    fn last(&self) -> MutexGuard<'_, Last> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
