// The lab: claims that run, and the instruments that they are measured with.
//
//   import { exhibits, runExhibit } from "neocog/lab";

// ---- exhibits -------------------------------------------------------------------------------------------------------

export type { Exhibit, Findings, LabContext, Parameter, Parameters } from "../lab/exhibit.ts";
export { exhibits } from "../lab/list.ts";
export type { Cell, Check, Part } from "../lab/parts.ts";
export {
  type ExhibitOptions,
  type ExhibitReport,
  findExhibit,
  type GivenValues,
  type Lab,
  openLab,
  runExhibit,
} from "../lab/run.ts";

// ---- instruments ----------------------------------------------------------------------------------------------------

export {
  type Invariance,
  type LayerShifts,
  measureInvariance,
  measureShifts,
  type ShiftError,
  type ShiftOptions,
} from "../lab/measure/equivariance.ts";
export {
  type Box,
  energyOf,
  type FieldOptions,
  measureField,
  type Spread,
  spreadOf,
  supportOf,
} from "../lab/measure/field.ts";
export { linearProbe, type Probe, type Samples } from "../lab/measure/probe.ts";
export { pixelUsage } from "../lab/measure/usage.ts";

// ---- reports: pages, figures, JSON ----------------------------------------------------------------------------------

export { figure } from "../lab/figure.ts";
export { exhibitJson, reportJson } from "../lab/json.ts";
export { indexPage, type Page, pageOf } from "../lab/page.ts";
export { type Axis, axisOf, logarithmicAxisOf } from "../lab/ticks.ts";
