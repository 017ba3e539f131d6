//! URLs are safe to use, mean what they print, and never lead out of their folder.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tlc_core::Url;

fuzz_target!(|text: &str| {
    let (text, reference) = text.split_once('\n').unwrap_or((text, ""));
    let Ok(url) = Url::parse(text) else {
        return;
    };
    let steps = url.path().split('/').skip(1);
    assert!(
        steps.clone().all(|step| step != ".." && step != "."),
        "{url:?}"
    );
    assert_eq!(Url::parse(&url.to_string()).unwrap(), url);
    if let Ok(below) = url.join(reference) {
        assert!(below.is_within(&url) && below != url, "{below:?}");
        let relative = below.relative_to(&url).unwrap();
        assert_eq!(url.resolve(&relative, &url).unwrap(), below);
    }
    if let Ok(resolved) = url.resolve(reference, &url)
        && !reference.contains("://")
        && !reference.starts_with('/')
    {
        assert!(resolved.is_within(&url), "{resolved:?}");
    }
});
