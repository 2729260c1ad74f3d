// A trained model as one ES module with no other file.
//
//   import { openModel } from "neocog";
//   import { bundle } from "neocog/bundle";
//
//   const { module, types } = await bundle(await openModel("runs/digits"), { half: true });

export { type Bundle, type BundleOptions, bundle } from "../bundle/bundle.ts";
