// Pages to look at: what data is made of before it is learned from, what a run was and came to; and a log for TensorBoard.
//
//   import { contactSheet, inspectData, report } from "neocog/report";
//
//   await writeFile("photos.html", await contactSheet(await inspectData("photos")));
//   await writeFile("pets.html", await report([{ name: "pets", trained, data: { name: "photos", part: "test", set: test } }]));

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

// ---- runs -----------------------------------------------------------------------------------------------------------

export { type EventLog, openEventLog } from "../report/eventLog.ts";
export { type ReportFinding, type ReportRun, report } from "../report/report.ts";

// ---- pages ----------------------------------------------------------------------------------------------------------

export { checkPage } from "../report/page.ts";
