// Two colour maps of 256 steps, made where colours are about evenly spaced to the eye: OKLab (Ottosson 2020). Equal steps of
// value are equal steps of colour, and lightness alone tells the order, so that they read right in gray and to the
// colour-blind.
//
//   heat       dark indigo → magenta → orange → pale yellow: lightness rises all the way
//   diverging  blue ← white → red: lightness falls evenly to both sides of 0
import { NeocogError } from "../base/errors.ts";

export type Colour = readonly [red: number, green: number, blue: number];
type Lab = readonly [lightness: number, a: number, b: number];

const steps = 256;
/** Points of the path before it is walked in equal steps. */
const fine = 4096;

/** Red, green and blue of 0..255 from lightness, chroma and hue (degrees); chroma is cut back to what a screen can show. */
function fromPolar(lightness: number, chroma: number, hue: number): Lab {
  const angle = (hue * Math.PI) / 180;
  const at = (c: number): Lab => [lightness, c * Math.cos(angle), c * Math.sin(angle)];
  let [inside, outside] = [0, chroma];
  if (isShown(at(chroma))) return at(chroma);
  for (let i = 0; i < 30; i++) {
    const middle = (inside + outside) / 2;
    if (isShown(at(middle))) inside = middle;
    else outside = middle;
  }
  return at(inside);
}

function toLinear([lightness, a, b]: Lab): Colour {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
}

const isShown = (lab: Lab): boolean => toLinear(lab).every((value) => value >= -1e-6 && value <= 1 + 1e-6);

function toScreen(lab: Lab): Colour {
  const [red, green, blue] = toLinear(lab).map((value) => {
    const light = Math.min(1, Math.max(0, value));
    return Math.round(255 * (light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055));
  });
  return [red, green, blue];
}

/** A path of colours, walked in steps of equal length. */
function evenly(path: (t: number) => Lab, count: number): Colour[] {
  const points = Array.from({ length: fine + 1 }, (_, i) => path(i / fine));
  const lengths = [0];
  for (let i = 1; i <= fine; i++) {
    lengths.push(lengths[i - 1] + Math.hypot(...points[i].map((value, k) => value - points[i - 1][k])));
  }
  let place = 0;
  return Array.from({ length: count }, (_, k) => {
    const wanted = (lengths[fine] * k) / (count - 1);
    while (place < fine && lengths[place] < wanted) place++;
    return toScreen(points[place]);
  });
}

/** From nothing to much. */
export const heat: readonly Colour[] = evenly(
  (t) => fromPolar(0.13 + 0.84 * t, 0.03 + 0.17 * Math.sin(Math.PI * Math.min(1, 0.08 + t * 0.88)), 285 + 185 * t),
  steps,
);

const arm = (hue: number): Colour[] => evenly((t) => fromPolar(0.98 - 0.6 * t, 0.21 * t, hue), steps / 2);

/** From -1 by way of 0 to 1. */
export const diverging: readonly Colour[] = [...arm(256).reverse(), ...arm(27)];

/** The colour of a value of 0..1, or of -1..1 for the diverging map; beyond that the last one. */
export function colourOf(value: number, signed: boolean): Colour {
  if (Number.isNaN(value)) throw new NeocogError("A map holds numbers that are none (NaN); it cannot be drawn.");
  const share = signed ? (value + 1) / 2 : value;
  const table = signed ? diverging : heat;
  return table[Math.min(steps - 1, Math.max(0, Math.floor(share * steps)))];
}
