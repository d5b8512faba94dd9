import { runProgram } from "../../components/pulumi/index.ts";
import { program } from "./program.ts";

export const outputs = runProgram(program);
