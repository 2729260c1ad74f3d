// TensorFlow's SAME padding on a network that was written with numbers: every window's output becomes ceil(n / s), with the
// odd cell at the end. How much is padded then depends on the size of the picture, and receptive fields with it.
import { understand } from "../base/arguments.ts";
import { oneOf, optional } from "../base/rules.ts";
import { type Child, createLayer, type Layer } from "../nn/layer.ts";
import { layer as layerRule } from "../nn/rules.ts";

/**
 * A copy of the model in which every convolution and pooling with padding pads "same"; or the poolings alone, as TensorFlow's
 * slim networks do, whose strided convolutions pad by numbers.
 */
export function withSamePadding(model: Layer, which: "all" | "poolings" = "all"): Layer {
  understand("withSamePadding", arguments, { model: layerRule, which: optional(oneOf(["all", "poolings"])) });
  const children: Child[] = model.children.map(({ name, layer }) => ({ name, layer: withSamePadding(layer, which) }));
  const options = { ...model.options };
  const window = "padding" in options && "kernelSize" in options && !model.type.name.startsWith("ConvTranspose");
  if (window && (which === "all" || model.type.name.includes("Pool"))) {
    Object.assign(options, { padding: "same" });
  }
  return createLayer(model.type, options, children);
}
