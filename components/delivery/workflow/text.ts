import { Document, isPair, isScalar, visit } from "yaml";
import { versionOf } from "./actions.ts";
import type { Workflow } from "./kind.ts";

/** By this first line a file is known that may be written anew. */
export const WORKFLOW_HEADER = "# Rendered by fairlead workflows; change the description instead.\n";

/** A workflow as GitHub reads it, with the release beside each pinned action. */
export function workflowText(workflow: Workflow): string {
  const document = new Document(workflow, { aliasDuplicateObjects: false });
  visit(document, {
    Pair: (_, { key, value }) => {
      if (!isScalar(key) || key.value !== "uses" || !isScalar(value)) return;
      const version = versionOf(String(value.value));
      if (version !== undefined) value.comment = ` ${version}`;
    },
    Scalar: (key, node, path) => {
      const pair = path.at(-1);
      // A script stands as it is, line by line.
      if (key === "value" && isPair(pair) && typeof node.value === "string" && node.value.includes("\n")) {
        node.type = "BLOCK_LITERAL";
      }
    },
  });
  return WORKFLOW_HEADER + document.toString({ lineWidth: 0 });
}
