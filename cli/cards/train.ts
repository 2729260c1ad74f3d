// The words of `neocog train`: what it takes, and its help.
import { card, choice, flag, interval, real, text, whole } from "../command.ts";
import { augmentation } from "./augment.ts";
import { logKinds, optimizerNames, recipeNames, taskNames } from "./names.ts";
import { dataOptions, engineOptions } from "./options.ts";
import { partOptions } from "./parts.ts";
import { trainingOptions } from "./training.ts";

export const trainCard = card({
  name: "train",
  group: "Train and use",
  summary: "Train a network and keep it in a folder",
  about:
    "What is not told comes from the recipe that fits the data. Ctrl-C stops within a second, in the middle of a step too; the folder then holds the last checkpoint, and --resume goes on from it.",
  goesOn: true,
  arguments: [
    {
      name: "<data>",
      about:
        "digits, fashion-mnist, mnist, an IDX or CIFAR file, a table of paths and labels (.csv, .jsonl), or a folder of pictures with one sub-folder a class",
    },
  ],
  options: {
    model: text("-m, --model <name>", "a built-in network; neocog inspect lists them"),
    epochs: whole("-e, --epochs <n>", "how often all training pictures are seen"),
    batch: whole("-b, --batch <n>", "pictures a step"),
    lr: real("--lr <rate>", "learning rate at its height", 0),
    optimizer: choice("--optimizer <name>", "how weights move", optimizerNames),
    val: text("--val <data>", "pictures that steer, from another place: the best epoch and --patience go by them"),
    test: text("--test <data>", "pictures that are looked at once, at the end, from another place"),
    watchTest: flag(
      "--watch-test",
      "score the test pictures after every epoch too, to see when an accuracy is reached",
    ),
    seed: whole("--seed <n>", "start of all chance: same seed, same weights; 0 unless told", 0),
    augment: augmentation("--augment <list>"),
    ...trainingOptions,
    from: text("--from <model>", "start from a model folder, an ONNX file, or weights (.safetensors) of the --model"),
    head: text("--head <name>", "with --from: the layer that says the classes, where it is not clearly the last"),
    norms: choice("--norms <how>", "with --from of an ONNX file: whether its batch norms train", ["frozen", "trained"]),
    ...partOptions,
    task: choice("--task <name>", "what is learnt, where it is more than one class a picture", taskNames),
    target: choice("--target <what>", "input: of image-to-image, the picture itself is to be made again", ["input"]),
    recipe: choice("--recipe <name>", "another recipe than the data's", recipeNames),
    out: text("-o, --out <folder>", "where the model goes, runs/<data> unless told"),
    log: choice(
      "--log <what>",
      "write events for TensorBoard into the folder, on wish with the spread of the weights",
      logKinds,
    ),
    bare: flag("--bare", "write no report.html at the end"),
    checkpointEvery: interval(
      "--checkpoint-every <interval>",
      "how often the folder is written within an epoch: steps, or a time such as 90s; 10m unless told",
    ),
    dryRun: flag("--dry-run", "tell how long it takes, how much memory and room it needs, and stop"),
    resume: flag("--resume", "go on from where the folder is"),
    force: flag(
      "--force",
      "replace the model in the folder, if there is one; with --resume: go on though pictures have changed",
    ),
    ...engineOptions,
    ...dataOptions,
  },
  examples: [
    ["digits", "a small network on 8 x 8 digits, in seconds"],
    ["fashion-mnist --epochs 2", "60,000 pictures of clothes"],
    ["photos/ --model resnet18 --size 96 --epochs 5", "a folder of pictures"],
    ["photos/ --cache decoded/", "decode each picture once, for this run and the next"],
    ["photos/ --from runs/animals --freeze 'conv1,layer1.*'", "go on from what another model knows"],
    ["cells/ --task segmentation", "images/ with a mask each in masks/: a class for every pixel"],
    ["photos/ --dry-run", "how long would it take?"],
    ["digits --task image-to-image --target input", "an autoencoder"],
    ["digits --resume", "go on after Ctrl-C"],
  ],
});
