// Figures of an exhibit as one SVG: pictures, curves and bars, one below the other. Plain shapes and text, no script and no
// style sheet, so that it shows the same on a page, in an editor and on paper.

import { understand } from "../base/arguments.ts";
import { like, listOf } from "../base/rules.ts";
import { drawPictures } from "./figure/pictures.ts";
import { drawBars, drawCurve } from "./figure/plots.ts";
import { type Drawing, room } from "./figure/svg.ts";
import type { Part } from "./parts.ts";

const margin = 16;
const width = room + 2 * margin;

/** The figure of the parts that can be drawn; undefined where there are none. */
export function figure(parts: readonly Part[]): string | undefined {
  understand("figure", arguments, { parts: listOf(like("a part of a report", "kind"), "a list of parts") });
  const drawings = parts.flatMap((part): Drawing[] => {
    if (part.kind === "pictures") return [drawPictures(part)];
    if (part.kind === "curve") return [drawCurve(part)];
    if (part.kind === "bars") return [drawBars(part)];
    return [];
  });
  if (drawings.length === 0) return undefined;
  let top = margin;
  const body = drawings.map(({ height, shapes }) => {
    const group = `<g transform="translate(${margin} ${top})">${shapes}</g>`;
    top += height + margin;
    return group;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${top}" viewBox="0 0 ${width} ${top}" font-family="sans-serif" font-size="12" fill="#222">`,
    `<rect width="${width}" height="${top}" fill="#fff"/>`,
    ...body,
    "</svg>\n",
  ].join("\n");
}
