//! Compiles the specs into `OUT_DIR`. Without feature `codegen` it does nothing, and the reviewed snapshot is used.

#[cfg(feature = "codegen")]
fn main() {
    huaweicloud_hss_codegen::HSS_CLIENT.run_build_script(huaweicloud_hss_spec::HSS);
    huaweicloud_hss_codegen::IAM_CLIENT.run_build_script(huaweicloud_hss_spec::IAM);
    huaweicloud_hss_codegen::EPS_CLIENT.run_build_script(huaweicloud_hss_spec::EPS);
    #[cfg(feature = "assets")]
    huaweicloud_hss_codegen::ASSETS_CLIENT.run_build_script(huaweicloud_hss_spec::ASSETS);
}

#[cfg(not(feature = "codegen"))]
fn main() {
    println!("cargo::rerun-if-changed=build.rs");
}
