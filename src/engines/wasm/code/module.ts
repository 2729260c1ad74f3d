// A WebAssembly module in the making: imports, functions, a table of functions, globals, exports and data, put together as bytes.
import { type Callable, FunctionBuilder, typeCode, type ValueType } from "./assembler.ts";
import { Bytes } from "./bytes.ts";

export interface MemoryImport {
  readonly shared: boolean;
  readonly minimumPages: number;
  readonly maximumPages: number;
}

export class ModuleBuilder {
  readonly #types: string[] = [];
  readonly #typeBytes: Bytes[] = [];
  readonly #imports: { module: string; name: string; type: number }[] = [];
  readonly #functions: { builder: FunctionBuilder; type: number }[] = [];
  readonly #exports: { name: string; index: number }[] = [];
  readonly #table: Callable[] = [];
  readonly #data: { address: number; bytes: Uint8Array }[] = [];
  #memory: MemoryImport | undefined;

  /** Index of a function signature, added when it is new. */
  signature(parameters: readonly ValueType[], result: ValueType | undefined): number {
    const key = `${parameters}:${result ?? ""}`;
    const known = this.#types.indexOf(key);
    if (known >= 0) return known;
    const bytes = new Bytes().byte(0x60).unsigned(parameters.length);
    for (const type of parameters) bytes.byte(typeCode(type));
    if (result) bytes.byte(1).byte(typeCode(result));
    else bytes.byte(0);
    this.#types.push(key);
    this.#typeBytes.push(bytes);
    return this.#types.length - 1;
  }

  /** The memory is imported as `host.memory`. */
  importMemory(memory: MemoryImport): void {
    this.#memory = memory;
  }

  /** All imports come before the first function. */
  importFunction(module: string, name: string, parameters: readonly ValueType[], result?: ValueType): Callable {
    if (this.#functions.length) throw new Error(`Import ${module}.${name} before the first function.`);
    this.#imports.push({ module, name, type: this.signature(parameters, result) });
    return { name, parameterTypes: parameters, resultType: result, index: this.#imports.length - 1 };
  }

  function(name: string, parameters: readonly ValueType[], result?: ValueType): FunctionBuilder {
    const builder = new FunctionBuilder(name, this.#imports.length + this.#functions.length, parameters, result);
    this.#functions.push({ builder, type: this.signature(parameters, result) });
    return builder;
  }

  export(callee: Callable, name = callee.name): void {
    this.#exports.push({ name, index: callee.index });
  }

  /** Puts a function in the table and gives its place there, for callIndirect. */
  tabulate(callee: Callable): number {
    this.#table.push(callee);
    return this.#table.length - 1;
  }

  /** Bytes that are written into the memory when the module is instantiated. */
  data(address: number, bytes: Uint8Array): void {
    this.#data.push({ address, bytes });
  }

  /** The module; with `names`, a name section for profilers and stack traces. */
  build(names = true): Uint8Array<ArrayBuffer> {
    const out = new Bytes().bytes([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
    const section = (id: number, count: number, write: (bytes: Bytes) => void): void => {
      if (count === 0) return;
      const content = new Bytes().unsigned(count);
      write(content);
      out.byte(id).sized(content);
    };
    section(1, this.#types.length, (bytes) => {
      for (const type of this.#typeBytes) bytes.bytes(type.view());
    });
    const memory = this.#memory;
    section(2, this.#imports.length + (memory ? 1 : 0), (bytes) => {
      for (const { module, name, type } of this.#imports) bytes.text(module).text(name).byte(0).unsigned(type);
      if (memory) {
        bytes
          .text("host")
          .text("memory")
          .byte(2)
          .byte(memory.shared ? 3 : 1);
        bytes.unsigned(memory.minimumPages).unsigned(memory.maximumPages);
      }
    });
    section(3, this.#functions.length, (bytes) => {
      for (const { type } of this.#functions) bytes.unsigned(type);
    });
    section(4, 1, (bytes) => bytes.byte(0x70).byte(0).unsigned(this.#table.length));
    section(7, this.#exports.length, (bytes) => {
      for (const { name, index } of this.#exports) bytes.text(name).byte(0).unsigned(index);
    });
    section(9, this.#table.length ? 1 : 0, (bytes) => {
      bytes.byte(0).byte(0x41).signed(0).byte(0x0b).unsigned(this.#table.length);
      for (const { index } of this.#table) bytes.unsigned(index);
    });
    section(10, this.#functions.length, (bytes) => {
      for (const { builder } of this.#functions) bytes.sized(builder.finish());
    });
    section(11, this.#data.length, (bytes) => {
      for (const { address, bytes: content } of this.#data) {
        bytes.byte(0).byte(0x41).signed(address).byte(0x0b).unsigned(content.length).bytes(content);
      }
    });
    if (names) out.byte(0).sized(this.#nameSection());
    return out.copy();
  }

  #nameSection(): Bytes {
    const list = new Bytes().unsigned(this.#functions.length);
    for (const { builder } of this.#functions) list.unsigned(builder.index).text(builder.name);
    return new Bytes().text("name").byte(1).sized(list);
  }
}
