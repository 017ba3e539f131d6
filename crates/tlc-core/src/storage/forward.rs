//! What a store around a store passes on as it is.

/// Methods of [`Store`](super::Store) that a field of the same trait answers:
/// `forward!(inner: stat, list);` within `impl Store`.
macro_rules! forward {
    ($inner:ident: $($method:ident),+) => {
        $($crate::storage::forward::forward!(@$method $inner);)+
    };
    (@get $inner:ident) => {
        fn get(&self, url: &Url, limit_bytes: u64) -> Result<Bytes> {
            self.$inner.get(url, limit_bytes)
        }
    };
    (@get_all $inner:ident) => {
        fn get_all(&self, urls: &[Url], limit_bytes: u64) -> Vec<Result<Bytes>> {
            self.$inner.get_all(urls, limit_bytes)
        }
    };
    (@get_range $inner:ident) => {
        fn get_range(&self, url: &Url, range: Range<u64>, len_bytes: u64) -> Result<Bytes> {
            self.$inner.get_range(url, range, len_bytes)
        }
    };
    (@get_ranges $inner:ident) => {
        fn get_ranges(
            &self,
            url: &Url,
            ranges: &[Range<u64>],
            len_bytes: u64,
        ) -> Result<Vec<Bytes>> {
            self.$inner.get_ranges(url, ranges, len_bytes)
        }
    };
    (@parallel_reads $inner:ident) => {
        fn parallel_reads(&self) -> usize {
            self.$inner.parallel_reads()
        }
    };
    (@stat $inner:ident) => {
        fn stat(&self, url: &Url) -> Result<$crate::storage::Stat> {
            self.$inner.stat(url)
        }
    };
    (@list $inner:ident) => {
        fn list(&self, folder: &Url) -> Result<Vec<$crate::storage::Entry>> {
            self.$inner.list(folder)
        }
    };
    (@put_if_absent $inner:ident) => {
        fn put_if_absent(&self, url: &Url, bytes: Bytes) -> Result<()> {
            self.$inner.put_if_absent(url, bytes)
        }
    };
    (@settle $inner:ident) => {
        fn settle(&self, folder: &Url) -> Result<()> {
            self.$inner.settle(folder)
        }
    };
    (@delete $inner:ident) => {
        fn delete(&self, url: &Url) -> Result<()> {
            self.$inner.delete(url)
        }
    };
    (@delete_folder $inner:ident) => {
        fn delete_folder(&self, folder: &Url) -> Result<()> {
            self.$inner.delete_folder(folder)
        }
    };
    (@liveness $inner:ident) => {
        fn liveness(&self) -> Option<&dyn $crate::storage::Liveness> {
            self.$inner.liveness()
        }
    };
}
pub(super) use forward;
