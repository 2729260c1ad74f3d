// Probabilities that would be made probabilities once more.
import { diagnosis } from "../diagnosis.ts";

export const softmaxTwice = diagnosis({
  name: "softmax-twice",
  about: "the network gives probabilities where scores are wanted, so another softmax flattens them",
  needs: ["classes"],
  threshold:
    "a run on cross-entropy whose last layer is a Softmax; or every row of raw output is made of numbers from 0 to 1 that sum to 1 within 0.001",
  source: "torch.nn.CrossEntropyLoss and neocog take scores, and make them probabilities themselves",
  next: "end the network with its last Linear, without a Softmax",
  look({ classes: { alreadyProbabilities, endsInSoftmax, classes }, history }) {
    const most = (Math.E / (Math.E + classes.length - 1)).toFixed(3);
    const trained = endsInSoftmax && history?.chanceLoss !== undefined;
    if (!trained && !alreadyProbabilities) return [];
    const said = trained
      ? `The network was trained with a Softmax at its end, whose softmax in the loss is at most ${most}.`
      : `The ${classes.length} numbers for each picture are probabilities already; their softmax is at most ${most}.`;
    return [{ severity: "warning", said, evidence: { classes: classes.length, most: Number(most), threshold: 0.001 } }];
  },
});
