// A typed WebAssembly assembler. Values are small trees, checked when they are built; statements write bytes at once:
//
//   const f = module.function("double", ["i32", "i32"], []);          // (address, count)
//   const [address, count] = f.parameters;
//   const i = f.local("i32");
//   f.forRange(i, 0, count, 4, () => {
//     const place = f.define(i32.add(address, i32.shl(i, 2)));         // evaluated once, kept in a local
//     f.store("v128.store", place, f32x4.mul(load("v128.load", place), 2));
//   });
//
// A Value used twice is computed twice: `define` it first. Numbers stand for constants of the type that is expected
// (a number where an f32x4 or i32x4 instruction wants a vector fills all lanes). Malformed code fails here, with a message.
import { Bytes } from "./bytes.ts";
import {
  assemble,
  type Callable,
  callParts,
  coerce,
  i32,
  indexedCode,
  type Local,
  type Operand,
  typeCode,
  type Value,
  type ValueType,
} from "./values.ts";

export * from "./values.ts";

/** The place that a branch goes to: the end of a block, or the start of a loop. */
export interface Label {
  readonly depth: number;
  open: boolean;
}

/** A function that is being written. Made by ModuleBuilder.function. */
export class FunctionBuilder implements Callable {
  readonly name: string;
  readonly parameterTypes: readonly ValueType[];
  readonly resultType: ValueType | undefined;
  readonly index: number;
  readonly parameters: readonly Local[];
  readonly #locals: ValueType[] = [];
  readonly #code = new Bytes();
  readonly #labels: Label[] = [];

  constructor(name: string, index: number, parameters: readonly ValueType[], result: ValueType | undefined) {
    this.name = name;
    this.index = index;
    this.parameterTypes = parameters;
    this.resultType = result;
    this.parameters = parameters.map((type, i) => this.#localValue(type, i));
  }

  #localValue(type: ValueType, index: number): Local {
    return {
      type,
      index,
      arguments: [],
      code: indexedCode(0x20, index),
      owner: this,
    };
  }

  /** A new local, zero at the start of the function. */
  local(type: ValueType): Local {
    this.#locals.push(type);
    return this.#localValue(type, this.parameterTypes.length + this.#locals.length - 1);
  }

  locals(type: ValueType, count: number): Local[] {
    return Array.from({ length: count }, () => this.local(type));
  }

  #write(value: Value): void {
    if (value.owner && value.owner !== this)
      throw new Error(`${this.name}: a local of ${value.owner.name} is used in another function.`);
    for (const argument of value.arguments) this.#write(argument);
    this.#code.bytes(value.code);
  }

  /** Evaluates now and keeps the result in a new local. */
  define(value: Value): Local {
    const local = this.local(value.type);
    this.set(local, value);
    return local;
  }

  set(local: Local, value: Operand): void {
    if (local.owner !== this) throw new Error(`${this.name}: sets a local of another function.`);
    this.#write(coerce(value, local.type, `${this.name}: set`, local.index));
    this.#code.byte(0x21).unsigned(local.index);
  }

  /** local += amount (i32). */
  increase(local: Local, amount: Operand): void {
    this.set(local, i32.add(local, amount));
  }

  /** `store("v128.store", address, value, byteOffset)`; for lane stores give the lane as the last argument. */
  store(name: string, address: Operand, value: Operand, offset = 0, lane?: number): void {
    this.#statement(assemble(name, [address, value], lane, offset));
  }

  #statement(parts: ReturnType<typeof assemble>): void {
    if (parts.instruction.result) throw new Error(`${parts.instruction.name} gives a value that nobody takes.`);
    for (const argument of parts.arguments) this.#write(argument);
    this.#code.bytes(parts.code);
  }

  /** Evaluates for its effect only. */
  drop(value: Value): void {
    this.#write(value);
    this.#code.byte(0x1a);
  }

  call(callee: Callable, ...operands: readonly Operand[]): void {
    const parts = callParts(callee, operands);
    for (const argument of parts.arguments) this.#write(argument);
    this.#code.bytes(parts.code);
    if (callee.resultType) this.#code.byte(0x1a);
  }

  /** Calls entry `place` of the module's table with a signature given by its type index. */
  callIndirect(
    typeIndex: number,
    parameters: readonly ValueType[],
    place: Operand,
    operands: readonly Operand[],
  ): void {
    operands.forEach((operand, i) => {
      this.#write(coerce(operand, parameters[i], `${this.name}: callIndirect`, i));
    });
    this.#write(coerce(place, "i32", `${this.name}: callIndirect place`, operands.length));
    this.#code.byte(0x11).unsigned(typeIndex).byte(0);
  }

  memoryFill(address: Operand, value: Operand, count: Operand): void {
    for (const [i, operand] of [address, value, count].entries()) this.#write(coerce(operand, "i32", "memory.fill", i));
    this.#code.byte(0xfc).unsigned(11).byte(0);
  }

  memoryCopy(to: Operand, from: Operand, count: Operand): void {
    for (const [i, operand] of [to, from, count].entries()) this.#write(coerce(operand, "i32", "memory.copy", i));
    this.#code.byte(0xfc).unsigned(10).byte(0).byte(0);
  }

  #nested(opcode: number, body: (label: Label) => void): void {
    const label: Label = { depth: this.#labels.length, open: true };
    this.#code.byte(opcode).byte(0x40);
    this.#labels.push(label);
    body(label);
    this.#labels.pop();
    label.open = false;
    this.#code.byte(0x0b);
  }

  /** Branching to its label leaves it. */
  block(body: (label: Label) => void): void {
    this.#nested(0x02, body);
  }

  /** Branching to its label starts it again; falling out of the end leaves it. */
  loop(body: (label: Label) => void): void {
    this.#nested(0x03, body);
  }

  #labelDepth(label: Label): number {
    if (!label.open || this.#labels[label.depth] !== label)
      throw new Error(`${this.name}: branches to a label that is not around it.`);
    return this.#labels.length - 1 - label.depth;
  }

  branch(label: Label): void {
    this.#code.byte(0x0c).unsigned(this.#labelDepth(label));
  }

  branchIf(label: Label, condition: Value): void {
    this.#write(coerce(condition, "i32", `${this.name}: branchIf`, 0));
    this.#code.byte(0x0d).unsigned(this.#labelDepth(label));
  }

  if(condition: Value, then: () => void, otherwise?: () => void): void {
    this.#write(coerce(condition, "i32", `${this.name}: if`, 0));
    this.#nested(0x04, () => {
      then();
      if (otherwise) {
        this.#code.byte(0x05);
        otherwise();
      }
    });
  }

  return(value?: Operand): void {
    if ((value === undefined) !== (this.resultType === undefined))
      throw new Error(`${this.name}: returns ${value === undefined ? "nothing" : "a value"}, against its type.`);
    if (value !== undefined && this.resultType) this.#write(coerce(value, this.resultType, `${this.name}: return`, 0));
    this.#code.byte(0x0f);
  }

  /**
   * for (local = start; local < end; local += step), signed. Start, end and step may be numbers; an end that is no
   * local and no number is evaluated once. With numbers, a body that runs once is written without a loop.
   */
  forRange(local: Local, start: Operand, end: Operand, step: Operand, body: () => void): void {
    this.set(local, start);
    if (typeof start === "number" && typeof end === "number") {
      if (start >= end) return;
      if (typeof step === "number" && start + step >= end) {
        body();
        return;
      }
    }
    const last = typeof end === "number" || end.owner ? end : this.define(end);
    const known = typeof start === "number" && typeof end === "number";
    this.block((leave) => {
      if (!known) this.branchIf(leave, i32.ge_s(local, last));
      this.loop((again) => {
        body();
        this.increase(local, step);
        this.branchIf(again, i32.lt_s(local, last));
      });
    });
  }

  /** The body with its local declarations, as it stands in the code section. */
  finish(): Bytes {
    if (this.#labels.length) throw new Error(`${this.name}: a block is still open.`);
    const body = new Bytes();
    const groups: { type: ValueType; count: number }[] = [];
    for (const type of this.#locals) {
      const last = groups.at(-1);
      if (last !== undefined && last.type === type) last.count++;
      else groups.push({ type, count: 1 });
    }
    body.unsigned(groups.length);
    for (const group of groups) body.unsigned(group.count).byte(typeCode(group.type));
    body.bytes(this.#code.view());
    // A function with a result ends by `return`; what follows cannot be reached, and says so.
    if (this.resultType) body.byte(0x00);
    return body.byte(0x0b);
  }
}
