//! Compiles the spec into `OUT_DIR`; without feature `codegen` the reviewed snapshot is used and there is nothing to do.

#[cfg(feature = "codegen")]
fn main() {
    huaweicloud_hss_codegen::HSS_CLIENT.run_build_script(huaweicloud_hss_spec::HSS);
    huaweicloud_hss_codegen::IAM_CLIENT.run_build_script(huaweicloud_hss_spec::IAM);
    huaweicloud_hss_codegen::EPS_CLIENT.run_build_script(huaweicloud_hss_spec::EPS);
}

#[cfg(not(feature = "codegen"))]
fn main() {
    println!("cargo::rerun-if-changed=build.rs");
}
