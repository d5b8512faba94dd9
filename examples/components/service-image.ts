import { type ServiceImagePlan, serviceImage } from "../../components/index.ts";

/** Built by an engine: nothing of the login to the company's modules stays in a layer. */
export const serviceImageExample: ServiceImagePlan = serviceImage({
  name: "order",
  repository: "registry.example.com/shop/order",
  version: "1f2e3d4",
  tags: ["latest"],
  source: "services",
  package: "./cmd/order",
  builder: "registry.example.com/mirror/golang:1.26",
  base: "gcr.io/distroless/static-debian12",
  platform: "linux/arm64",
  labels: { "org.opencontainers.image.source": "https://git.example.com/shop" },
  args: { GOPROXY: "https://proxy.example.com" },
  privateModules: ["git.example.com/*"],
  network: "host",
  cacheFrom: ["registry.example.com/shop/order:latest"],
  hooks: {
    sbom: ["syft", "{image}", "--output", "spdx-json"],
    scan: ["trivy", "image", "--exit-code", "1", "--severity", "CRITICAL", "{image}"],
  },
});

/** Built by this machine's Go, for machines that pull no images. */
export const hostImageExample: ServiceImagePlan = serviceImage({
  name: "order",
  repository: "127.0.0.1:5000/shop/order",
  version: "1f2e3d4",
  source: "services",
  builder: "host",
  goFlags: ["-gcflags=all=-dwarf=false"],
  files: { "/etc/ssl/certs/ca-certificates.crt": "/etc/ssl/certs/ca-certificates.crt" },
  hooks: {
    modules: ["go", "version", "-m", "{binary}"],
    vulnerabilities: ["govulncheck", "-mode=binary", "{binary}"],
  },
});
