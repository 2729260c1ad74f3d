// Pooling layers of Keras.
import { amax } from "../../../ops/reduce.ts";
import { reshape } from "../../../ops/reshape.ts";
import { mean } from "../../../ops/sum.ts";
import * as spatial from "../spatial.ts";
import { plain } from "../value.ts";
import { windowOf } from "./convolution.ts";
import { fromMaps, type LayerRow, type LayerTable, mapsOf, perAxis } from "./row.ts";

const pool =
  (kind: "max" | "average", rank: number): LayerRow =>
  ([x], config) => {
    const window = perAxis(config, "pool_size", rank, 2);
    const stride = config.has("strides") ? perAxis(config, "strides", rank) : window;
    return fromMaps(spatial.pool(mapsOf(x, config), kind, window, windowOf(config, rank, stride)), config);
  };

const global =
  (kind: "max" | "average"): LayerRow =>
  ([x], config) => {
    const maps = mapsOf(x, config);
    const axes = maps.shape.map((_, i) => i).slice(2);
    const y = kind === "max" ? amax(maps, axes, true) : mean(maps, axes, true);
    return config.flag("keepdims", false) ? fromMaps(y, config) : plain(reshape(y, maps.shape.slice(0, 2)));
  };

export const poolingTable: LayerTable = {
  MaxPooling1D: pool("max", 1),
  MaxPooling2D: pool("max", 2),
  MaxPooling3D: pool("max", 3),
  AveragePooling1D: pool("average", 1),
  AveragePooling2D: pool("average", 2),
  AveragePooling3D: pool("average", 3),
  GlobalMaxPooling1D: global("max"),
  GlobalMaxPooling2D: global("max"),
  GlobalMaxPooling3D: global("max"),
  GlobalAveragePooling1D: global("average"),
  GlobalAveragePooling2D: global("average"),
  GlobalAveragePooling3D: global("average"),
};
