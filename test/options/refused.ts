// Options where they could do nothing, and the sentence that refuses them.
import { eval_, explain, predict } from "./calls.ts";

/** Calls in which an option could do nothing. */
export const refused: readonly (readonly [call: string, sentence: RegExp])[] = [
  ...["train pictures", eval_, predict, explain, "verify trained", "lab channel-sum"].flatMap(
    (call) =>
      [
        [`${call} --engine reference --threads 2`, /^--threads has no effect on the reference engine/],
        [`${call} --engine reference --wide`, /^--wide has no effect on the reference engine/],
      ] as const,
  ),
  ["data pictures --labels y.idx", /^--labels has no effect on pictures, which has its labels with it/],
  ["doctor --strict", /^doctor without a model looks at this machine/],
  ["doctor trained --labels y.idx", /^--labels has no effect without --data/],
  ["doctor trained --pictures 4", /^--pictures has no effect where no pictures are looked at/],
  ["data digits --workers 1", /^--workers has no effect on digits, whose pictures are not single files/],
  ["lab --threads 2", /^--threads has no effect on the list of exhibits/],
  ["lab --quick", /^--quick goes with --all/],
  ["inspect --batch 2", /^--batch has no effect on the list of built-in models/],
  ["inspect fixed.onnx --batch 2", /^--batch has no effect on fixed\.onnx, which takes 4 at a time/],
  ["inspect fixed.onnx --classes 3", /^--classes is for built-in models/],
  ["inspect trained --classes 3", /^--classes is for built-in models/],
  ["verify fixed.onnx --batch 2", /^--batch has no effect on fixed\.onnx/],
  ["eval fixed.onnx pictures --batch 2", /^--batch has no effect on fixed\.onnx/],
  ["verify trained --image pictures/a/0.png --seed 2", /^--seed has no effect with --image/],
  ['verify trained --prepared {"range":255}', /^--prepared has no effect on noise/],
  ["dump lenet --stage grad --training", /^--training has no effect on --stage grad/],
  ["dump lenet --stage plan --formulas", /^--formulas has no effect on --stage plan/],
  ["convert trained new.onnx --partial", /^--partial has no effect without --model/],
  ["convert mlp.safetensors new.safetensors --input 1x8x8", /^--input has no effect on weights alone/],
  ["convert trained new.onnx --floats F16", /^--floats is for safetensors/],
  ["convert open.onnx new.onnx --weights best", /^--weights is for a model folder/],
  [
    `${explain} --method feature-maps,filters --class b`,
    /^--class has no effect on feature-maps, filters; it is for saliency/,
  ],
  [
    `${explain} --method saliency --layer c2`,
    /^--layer has no effect on saliency; it is for grad-cam, feature-maps\.$/,
  ],
  [`${explain} --method occlusion --steps 2`, /^--steps has no effect on occlusion; it is for integrated-gradients/],
  ["train pictures --val pictures --validation-fraction 0.2", /^Give either --val or --validation-fraction/],
  ["train digits --test pictures", /^--test has no effect on digits, which has a test set of its own/],
  ["train pictures --class-weights 1", /^The loss has 1 weights, but there are 2 classes/],
  ["train pictures --class-weights 1,-2", /^--class-weights takes balanced, none, or numbers/],
  ["train digits --patience 3", /^--patience has no effect where nothing is scored/],
  ["train pictures --head end", /^--head has no effect without --from/],
  ["train pictures --from trained --model mlp", /^--model has no effect on trained/],
  ["train pictures --from mlp.safetensors", /^mlp\.safetensors holds weights alone/],
  ["train digits --gray", /^--gray has no effect on digits/],
  ["train digits --color", /^--color has no effect on digits/],
  ["train pictures --labels y.idx", /^--labels has no effect on pictures/],
  ["train digits --watch-test --validation-fraction 0.1", /^--watch-test is for data without validation pictures/],
  [
    "train pictures --out kept --resume --recipe digits",
    /^--resume goes on with the network of the folder; leave out --recipe/,
  ],
  ["eval trained digits --split all --validation-fraction 0.2", /^--validation-fraction has no effect on digits/],
  ["eval trained pictures --test-fraction 0.5", /^--test-fraction has no effect on pictures/],
  ["eval trained pictures --weights x.safetensors", /^--weights of a model folder can be last or best/],
  ["shape 28 5 --padding 2 --total-padding 2", /^Give either --padding/],
];
