package main

import (
	"context"
	"fmt"

	"sigs.k8s.io/knftables"
)

const table = "fairlead-policy"

// apply replaces the table as a whole, in one transaction of the kernel: no packet ever sees half of it.
func apply(ctx context.Context, nft knftables.Interface, chains []Chain) error {
	change := nft.NewTransaction()
	change.Add(&knftables.Table{})
	change.Delete(&knftables.Table{})
	change.Add(&knftables.Table{Comment: knftables.PtrTo("NetworkPolicy")})
	// A pod may always talk to itself, also through a Service.
	change.Add(&knftables.Set{Name: "itself", Type: "ipv4_addr . ipv4_addr"})
	seen := map[string]bool{}
	for _, direction := range []Direction{Ingress, Egress} {
		change.Add(&knftables.Map{Name: string(direction), Type: "ipv4_addr : verdict"})
		change.Add(&knftables.Chain{Name: string(direction) + "-pods"})
	}
	for _, chain := range chains {
		change.Add(&knftables.Chain{Name: chain.Name})
		for _, rule := range chain.Rules {
			change.Add(&knftables.Rule{Chain: chain.Name, Rule: knftables.Concat(rule, "counter return")})
		}
		change.Add(&knftables.Rule{Chain: chain.Name, Rule: "counter drop"})
		for _, pod := range chain.Pods {
			change.Add(&knftables.Element{Map: string(chain.Direction), Key: []string{pod}, Value: []string{"jump " + chain.Name}})
			if !seen[pod] {
				seen[pod] = true
				change.Add(&knftables.Element{Set: "itself", Key: []string{pod, pod}})
			}
		}
	}
	change.Add(&knftables.Rule{Chain: "egress-pods", Rule: "ip saddr vmap @egress"})
	change.Add(&knftables.Rule{Chain: "ingress-pods", Rule: "ip daddr vmap @ingress"})
	// What the node itself sends, such as probes, is always allowed: it passes "output", where nothing is asked.
	for hook, directions := range map[knftables.BaseChainHook][]Direction{
		knftables.ForwardHook: {Egress, Ingress},
		knftables.InputHook:   {Egress},
	} {
		name := string(hook)
		change.Add(&knftables.Chain{
			Name:     name,
			Type:     knftables.PtrTo(knftables.FilterType),
			Hook:     knftables.PtrTo(hook),
			Priority: knftables.PtrTo(knftables.FilterPriority),
		})
		change.Add(&knftables.Rule{Chain: name, Rule: "ct state established,related accept"})
		change.Add(&knftables.Rule{Chain: name, Rule: "ip saddr . ip daddr @itself accept"})
		for _, direction := range directions {
			change.Add(&knftables.Rule{Chain: name, Rule: "jump " + string(direction) + "-pods"})
		}
	}
	if err := nft.Run(ctx, change); err != nil {
		return fmt.Errorf("nftables refuses the policies: %w", err)
	}
	return nil
}
