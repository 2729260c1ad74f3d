// Makes the small models of test/fixtures/tfjs: TensorFlow.js' own files with random weights, and what it answers to a
// random input. Needs @tensorflow/tfjs-core, -layers, -converter and -backend-cpu in a folder of its own (see
// check_published.mjs):  node test/tfjs/make_golden.mjs <that folder>

// One after the other: each draws its numbers where the one before stopped.
await import("./golden/layers.mjs");
await import("./golden/graph.mjs");
process.exit();
