import { runProgram } from "../components/pulumi/index.ts";
import { builtImages } from "./images.ts";
import { program } from "./program.ts";

/** What the stack exports. The stack's name is the environment's. */
export const outputs = runProgram(program, {}, builtImages);
