// Which kernels a family of strategies looks at before it measures anything.
import type { ContractKernel, ConvolutionForm } from "../../../kernel/kernel.ts";
import { hasSimpleEpilogue } from "./epilogue.ts";

/** A convolution or an input gradient whose rows of pixels can be stored with the kernel's epilogue; undefined for others. */
export function towardsPixels(kernel: ContractKernel): ConvolutionForm | undefined {
  const { form } = kernel;
  if (form.kind !== "convolution" || form.role === "filterGradient") return undefined;
  return hasSimpleEpilogue(kernel) ? form : undefined;
}

/** A filter gradient that is stored as it is summed; undefined for others. */
export function plainFilterGradient({ form, epilogue }: ContractKernel): ConvolutionForm | undefined {
  return !epilogue && form.kind === "convolution" && form.role === "filterGradient" ? form : undefined;
}
