// 1d, 2d and 3d for all or for none: what has a rank in its name has all three of them, and none without a rank beside them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { everything } from "../../test/doors.ts";

const layers =
  "Conv ConvTranspose MaxPool AvgPool LPPool AdaptiveAvgPool AdaptiveMaxPool GlobalAvgPool GlobalMaxPool BatchNorm InstanceNorm Dropout ZeroPad ConstantPad ReflectionPad ReplicationPad CircularPad".split(
    " ",
  );
const functions =
  "conv convTranspose maxPool avgPool lpPool adaptiveAvgPool adaptiveMaxPool globalAvgPool globalMaxPool dropout".split(
    " ",
  );

/** Layers of one paper each, which is about pictures; and a function of torchvision's. */
const ofPictures = ["AdaptivePolyphase2d", "CoordConv2d", "PartialConv2d", "deformConv2d"];
/** A name without a rank that means something else. */
const another: Readonly<Record<string, string>> = {
  Dropout: "drops single values",
  dropout: "drops single values",
};

const names = Object.keys(everything);
const ranks = [1, 2, 3];

test("every family has all its ranks, and no name without one", () => {
  const families = [...layers, ...functions];
  const wanted = [
    ...families.flatMap((family) => ranks.map((rank) => `${family}${rank}d`)),
    ...ranks.map((rank) => `maxPool${rank}dWithIndices`),
    ...ofPictures,
  ];
  assert.deepEqual(names.filter((name) => /\dd/.test(name)).toSorted(), wanted.toSorted());
  assert.deepEqual(
    families.filter((family) => names.includes(family) && !(family in another)),
    [],
  );
});

test("a layer of windows has a function of the same name", () => {
  const without = ["BatchNorm", "InstanceNorm"]; // As in torch, whose batch_norm and instance_norm take every rank.
  const said = layers.filter((family) => !without.includes(family) && !family.endsWith("Pad"));
  const lower = (family: string): string => family.replace(/^LP|^./, (start) => start.toLowerCase());
  assert.deepEqual(said.map(lower).toSorted(), functions.toSorted());
});
