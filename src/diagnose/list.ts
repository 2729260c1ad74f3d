// All diagnoses, in the order in which a doctor asks: the weights, what goes in, what flows, what comes out, how it was learned.
import type { Diagnosis } from "./diagnosis.ts";
import { batchNormStatistics } from "./faults/batchNormStatistics.ts";
import { brokenWeights } from "./faults/brokenWeights.ts";
import { missingClass, unusedClass } from "./faults/classUse.ts";
import { deadRelus } from "./faults/deadRelus.ts";
import { duplicateFilters } from "./faults/duplicateFilters.ts";
import { duplicatesAcrossSplits } from "./faults/duplicatesAcrossSplits.ts";
import { overfitting, underfitting } from "./faults/fitting.ts";
import { explodingGradients, vanishingGradients } from "./faults/gradients.ts";
import { imbalanceIgnored } from "./faults/imbalanceIgnored.ts";
import { constantChannel, saturatedInputs, unnormalisedInputs } from "./faults/inputs.ts";
import { labelNoise } from "./faults/labelNoise.ts";
import { lastWorseThanBest } from "./faults/lastWorseThanBest.ts";
import { rateTooHigh, rateTooLow } from "./faults/rate.ts";
import { softmaxTwice } from "./faults/softmaxTwice.ts";
import { untrained } from "./faults/untrained.ts";
import { wrongPreprocessing } from "./faults/wrongPreprocessing.ts";
import { zeroFilters } from "./faults/zeroFilters.ts";

/** The diagnoses of `diagnose`: their names, what they find, what they need, where they draw the line and by whose word. */
export const diagnoses: readonly Diagnosis[] = [
  ...[brokenWeights, untrained, zeroFilters, duplicateFilters],
  ...[unnormalisedInputs, saturatedInputs, constantChannel, wrongPreprocessing, duplicatesAcrossSplits],
  ...[deadRelus, batchNormStatistics, vanishingGradients, explodingGradients],
  ...[softmaxTwice, unusedClass, missingClass, imbalanceIgnored, labelNoise],
  ...[overfitting, underfitting, rateTooHigh, rateTooLow, lastWorseThanBest],
];
