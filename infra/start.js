// Plain JavaScript on purpose: a Node.js that is too old to run the program must be able to read this.
import pulumi from "@pulumi/pulumi";

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  const refusal = new pulumi.RunError(
    `Fairlead needs Node.js 22.18 or newer, and Pulumi runs ${process.version}: install it, or use npm run up, which brings one`,
  );
  // The SDK looks at the stack of an error for half a minute, and then shows the message alone.
  delete refusal.stack;
  throw refusal;
}

const { outputs } = await import("./index.ts");

export default outputs;
