// Every change of a picture against torchvision: to the bit for those of bytes, and for the others within what float32 leaves open.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as colour from "../colour.ts";
import { type Point, perspective } from "../perspective.ts";
import { affineAbout, type Interpolation, type Picture, shift, warp } from "../warp.ts";
import { amountOf, ops } from "./policies.ts";

interface Stored {
  readonly bytes?: string;
  readonly floats?: string;
}
interface Case extends Stored {
  readonly op: string;
  readonly picture: string;
  readonly parameters: Readonly<Record<string, number>> & {
    readonly interpolation: Interpolation;
    readonly moved: readonly Point[];
  };
}
interface Golden {
  readonly pictures: Readonly<Record<string, Stored & Omit<Picture, "pixels">>>;
  readonly cases: readonly Case[];
  readonly spaces: readonly {
    readonly policy: "randAugment" | "trivialAugmentWide";
    readonly op: keyof typeof ops;
    readonly height: number;
    readonly width: number;
    readonly bins: number;
    readonly signed: boolean;
    readonly amounts: readonly number[];
  }[];
}

const path = new URL("../../../../test/fixtures/augment/augment.json", import.meta.url);
const golden = JSON.parse(readFileSync(path, "utf8")) as Golden;

function numbersOf({ bytes, floats }: Stored): Float32Array {
  const data = Uint8Array.from(Buffer.from((bytes ?? floats)!, "base64"));
  return bytes === undefined ? new Float32Array(data.buffer) : Float32Array.from(data, (byte) => byte / 255);
}
const pictureOf = (name: string): Picture => ({ ...golden.pictures[name], pixels: numbersOf(golden.pictures[name]) });

type Parameters = Case["parameters"];
const apply: Readonly<Record<string, (picture: Picture, given: Parameters) => Float32Array>> = {
  invert: colour.invert,
  autocontrast: colour.autocontrast,
  equalize: colour.equalize,
  posterize: (picture, { bits }) => colour.posterize(picture, bits),
  solarize: (picture, { threshold }) => colour.solarize(picture, threshold / 255),
  brightness: (picture, { factor }) => colour.brightness(picture, factor),
  contrast: (picture, { factor }) => colour.contrast(picture, factor),
  saturation: (picture, { factor }) => colour.saturation(picture, factor),
  sharpness: (picture, { factor }) => colour.sharpness(picture, factor),
  hue: (picture, { turn }) => colour.hue(picture, turn),
  rotate: (picture, { degrees, fill, interpolation }) =>
    warp(picture, affineAbout(picture, { degrees }), fill, interpolation),
  affine: (picture, { degrees, scale, shear, dx, dy, fill, interpolation }) =>
    warp(picture, affineAbout(picture, { degrees, scale, shear, dx, dy }), fill, interpolation),
  ShearX: (picture, { slant, ...look }) => ops.ShearX.change(picture, slant, look as never),
  ShearY: (picture, { slant, ...look }) => ops.ShearY.change(picture, slant, look as never),
  translate: (picture, { dx, dy, fill }) => shift(picture, dx, dy, "zeros", fill),
  perspective: (picture, { moved, fill, interpolation }) => perspective(picture, moved, fill, interpolation),
};

/** What two ways of the same float32 arithmetic may differ by, on the scale 0..1. */
const tolerance = 2e-5;

for (const name of new Set(golden.cases.map(({ op }) => op))) {
  test(`${name} gives what torchvision gives`, () => {
    const cases = golden.cases.filter(({ op }) => op === name);
    for (const one of cases) {
      const found = apply[name](pictureOf(one.picture), one.parameters);
      const wanted = numbersOf(one);
      const where = `${name} ${JSON.stringify(one.parameters)} of ${one.picture}`;
      assert.equal(found.length, wanted.length);
      if (one.bytes !== undefined) {
        const levels = found.map((x) => Math.round(x * 255));
        assert.deepEqual(
          levels,
          wanted.map((x) => Math.round(x * 255)),
          where,
        );
        const off = found.findIndex((x, i) => Math.abs(x * 255 - levels[i]) > 1e-4);
        assert.equal(off, -1, `${where}: ${found[off]} is no level`);
      } else if (one.parameters.interpolation === "nearest") {
        // Where a place lies right between two pixels, its last bit decides.
        const other = found.filter((x, i) => Math.abs(x - wanted[i]) > tolerance).length;
        assert.ok(other <= 0.02 * found.length, `${where}: ${other} of ${found.length} pixels differ`);
      } else {
        const worst = found.reduce((most, x, i) => Math.max(most, Math.abs(x - wanted[i])), 0);
        assert.ok(worst < tolerance, `${where}: ${worst}`);
      }
    }
  });
}

test("RandAugment and TrivialAugmentWide are as strong as torchvision's, in its order", () => {
  for (const { policy, op, height, width, bins, signed, amounts } of golden.spaces) {
    const found = amounts.map((_, bin) => {
      const amount = amountOf(policy, op, bin, bins, { height, width });
      return op.startsWith("Translate") ? Math.trunc(amount) : amount;
    });
    for (const [bin, x] of found.entries())
      assert.ok(Math.abs(x - amounts[bin]) < 1e-3, `${policy} ${op} ${bin} of ${bins}: ${x}`);
    assert.equal("signed" in ops[op], signed, op);
  }
  for (const policy of ["randAugment", "trivialAugmentWide"]) {
    const listed = new Set(golden.spaces.filter((space) => space.policy === policy).map(({ op }) => op));
    assert.deepEqual([...listed], Object.keys(ops));
  }
});
