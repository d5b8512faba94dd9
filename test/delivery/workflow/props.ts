import type { WorkflowsProps } from "../../../components/index.ts";

/** Everything that can be said of a repository's workflows. */
export function fullProps(): WorkflowsProps {
  return {
    project: "shop",
    environments: ["dev", "staging", "prod"],
    branch: "trunk",
    images: {
      order: { repository: "registry.example.com/shop/order", context: "services/order" },
      user: {
        repository: "registry.example.com/shop/user",
        context: "services/user",
        dockerfile: "build/Dockerfile.user",
        platforms: ["linux/amd64", "linux/arm64"],
        secrets: ["netrc"],
      },
    },
    drift: "5 4 * * 1-5",
    pullRequestEnvironment: { like: "dev", timeToLive: "8h" },
    runner: "ubuntu-22.04",
    command: "npx fairlead",
    gates: { lint: "make lint", unit: "make unit", integration: "make integration" },
  };
}
