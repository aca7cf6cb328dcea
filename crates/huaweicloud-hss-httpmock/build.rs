//! Compiles the spec into `OUT_DIR`; without feature `codegen` the reviewed snapshot is used and there is nothing to do.

#[cfg(feature = "codegen")]
fn main() {
    huaweicloud_hss_codegen::HSS_MOCKS.run_build_script(huaweicloud_hss_spec::HSS);
    #[cfg(feature = "assets")]
    huaweicloud_hss_codegen::ASSETS_MOCKS.run_build_script(huaweicloud_hss_spec::ASSETS);
}

#[cfg(not(feature = "codegen"))]
fn main() {
    println!("cargo::rerun-if-changed=build.rs");
}
