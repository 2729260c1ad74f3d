// Vision transformer: patches of a picture as a sequence, attention in place of windows.
// Dosovitskiy et al. 2020, "An image is worth 16x16 words"; names and start are torchvision's.
import { normal, xavierUniform, zeros } from "../init.ts";
import type { Layer } from "../layer.ts";
import { GELU } from "../layers/activation.ts";
import { MultiheadAttention, PatchTokens, PositionEmbedding, Select } from "../layers/attention.ts";
import { Residual, Sequential } from "../layers/containers.ts";
import { Linear } from "../layers/linear.ts";
import { LayerNorm } from "../layers/normalization.ts";
import { imageNet, type ModelEntry } from "./model.ts";

interface Design {
  readonly patch: number;
  readonly width: number;
  readonly depth: number;
  readonly heads: number;
}

function encoderLayer({ width, heads }: Design): Layer {
  const norm = (): Layer => LayerNorm(width, { eps: 1e-6 });
  const dense = (features: number): Layer => Linear(features, { init: xavierUniform(), biasInit: normal(0, 1e-6) });
  const attended = { ln_1: norm(), self_attention: MultiheadAttention(heads, { batchFirst: true }) };
  const mlp = Sequential([
    ["0", dense(4 * width)],
    ["1", GELU()],
    ["3", dense(width)],
  ]);
  return Sequential([
    ["", Residual(Sequential(attended))],
    ["", Residual(Sequential({ ln_2: norm(), mlp }))],
  ]);
}

function vit(design: Design, classes: number): Layer {
  const layers = Array.from({ length: design.depth }, (_, i) => [`encoder_layer_${i}`, encoderLayer(design)] as const);
  return Sequential([
    ["", PatchTokens(design.width, design.patch)],
    [
      "encoder",
      Sequential([
        ["", PositionEmbedding()],
        ["layers", Sequential(layers)],
        ["ln", LayerNorm(design.width, { eps: 1e-6 })],
      ]),
    ],
    ["", Select(1, 0)],
    ["heads", Sequential({ head: Linear(classes, { init: zeros, biasInit: zeros }) })],
  ]);
}

export const vitModels: readonly ModelEntry[] = [
  {
    name: "vit_b_16",
    about: "ViT-B/16 as in torchvision: attention over patches of 16x16",
    defaults: imageNet(),
    build: ({ classes }) => vit({ patch: 16, width: 768, depth: 12, heads: 12 }, classes),
  },
];
