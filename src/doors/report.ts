// Pages to look at: what data is made of before it is learned from.
//
//   import { contactSheet, inspectData } from "neocog/report";
//
//   const found = await inspectData("photos");
//   await writeFile("photos.html", await contactSheet(found));

// ---- data -----------------------------------------------------------------------------------------------------------

export type { Copies, PicturePlace } from "../data/concerns.ts";
export { type InspectOptions, inspectData } from "../data/inspect.ts";
export type {
  Concern,
  ConcernKind,
  FormatCount,
  InspectedPart,
  Inspection,
  Sides,
  SizeCount,
} from "../data/inspection.ts";
export { contactSheet } from "../report/sheet.ts";

// ---- pages ----------------------------------------------------------------------------------------------------------

export { checkPage } from "../report/page.ts";
