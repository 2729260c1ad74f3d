// Every command, in the order of the help: its card, and the file that runs it.
import { benchCard } from "../cards/bench.ts";
import { bundleCard } from "../cards/bundle.ts";
import { convertCard } from "../cards/convert.ts";
import { dataCard } from "../cards/data.ts";
import { doctorCard } from "../cards/doctor.ts";
import { dumpCard } from "../cards/dump.ts";
import { evalCard } from "../cards/eval.ts";
import { explainCard } from "../cards/explain.ts";
import { inspectCard } from "../cards/inspect.ts";
import { labCard } from "../cards/lab.ts";
import { lrFindCard } from "../cards/lrFind.ts";
import { predictCard } from "../cards/predict.ts";
import { reportCard } from "../cards/report.ts";
import { serveCard } from "../cards/serve.ts";
import { shapeCard } from "../cards/shape.ts";
import { trainCard } from "../cards/train.ts";
import { verifyCard } from "../cards/verify.ts";
import { type Command, command } from "../command.ts";

export const commands: readonly Command[] = [
  command(trainCard, () => import("./train.ts")),
  command(lrFindCard, () => import("./lrFind.ts")),
  command(evalCard, () => import("./eval.ts")),
  command(predictCard, () => import("./predict.ts")),
  command(dataCard, () => import("./data.ts")),
  command(reportCard, () => import("./report.ts")),
  command(serveCard, () => import("./serve.ts")),
  command(bundleCard, () => import("./bundle.ts")),
  command(inspectCard, () => import("./inspect.ts")),
  command(explainCard, () => import("./explain.ts")),
  command(shapeCard, () => import("./shape.ts")),
  command(labCard, () => import("./lab.ts")),
  command(benchCard, () => import("./bench.ts")),
  command(convertCard, () => import("./convert.ts")),
  command(verifyCard, () => import("./verify.ts")),
  command(doctorCard, () => import("./doctor.ts")),
  command(dumpCard, () => import("./dump.ts")),
];
