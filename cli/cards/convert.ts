// The words of `neocog convert`: what it takes, and its help.
import { card, choice, flag, text } from "../command.ts";
import { endingsWritten, modelsTaken } from "./formats.ts";
import { formOptions, keptOption } from "./options.ts";

const endings = endingsWritten.join(", ");

export const convertCard = card({
  name: "convert",
  group: "Under the hood",
  summary: "Between model folders, ONNX files and files of weights",
  about: `What is written follows from the name: ${endings}; anything else is a model folder. A file of weights alone becomes a model by the built-in network that --model names; so does an ONNX file that is to become a folder, if its weights have PyTorch's names.`,
  arguments: [
    { name: "<in>", about: modelsTaken("weights") },
    { name: "<out>", about: `what to write: a name that ends in ${endings}, or a folder` },
  ],
  options: {
    model: text("-m, --model <name>", "built-in network that the weights belong to"),
    weights: keptOption,
    ...formOptions,
    partial: flag(
      "--partial",
      "with --model: let names be missing (they keep their random start) or unexpected (they are left out)",
    ),
    floats: choice("--floats <type>", "how safetensors stores floats, F32 unless told", ["F32", "F16", "BF16"]),
    force: flag("-f, --force", "replace what is there, if anything is"),
  },
  examples: [
    ["runs/digits digits.onnx", "for every other runtime"],
    ["resnet18.safetensors resnet18.onnx --model resnet18", "PyTorch's weights as ONNX"],
    ["resnet18.safetensors runs/resnet18 --model resnet18", "as a model folder"],
    ["runs/digits digits.safetensors --floats F16", "weights alone, in half the space"],
  ],
});
