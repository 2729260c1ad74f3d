// TensorFlow's SAME padding on a network that was written with numbers: every window's output becomes ceil(n / s), with the
// odd cell at the end. How much is padded then depends on the size of the picture, and receptive fields with it.
import { type Child, createLayer, type Layer } from "../nn/layer.ts";

/** A copy of the model in which every convolution and pooling with padding pads "same". */
export function withSamePadding(model: Layer): Layer {
  const children: Child[] = model.children.map(({ name, layer }) => ({ name, layer: withSamePadding(layer) }));
  const options = { ...model.options };
  if ("padding" in options && "kernelSize" in options && !model.type.name.startsWith("ConvTranspose")) {
    options.padding = "same";
  }
  return createLayer(model.type, options, children);
}
