package main

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// Direction of a chain: which end of a packet is the pod that the chain is about.
type Direction string

const (
	Ingress Direction = "ingress"
	Egress  Direction = "egress"
)

// Chain says what pods with the same policies may do in one direction. What no rule allows is dropped.
type Chain struct {
	Name      string
	Direction Direction
	// Addresses of the pods.
	Pods []string
	// What may pass, in nftables' words for the other end and the port.
	Rules []string
}

// Cluster is what policies are about.
type Cluster struct {
	Policies   []*networkingv1.NetworkPolicy
	Pods       []*corev1.Pod
	Namespaces []*corev1.Namespace
}

// Chains translates the policies of a cluster whose pods all run on this node. The same cluster gives the same chains in
// the same order. https://kubernetes.io/docs/concepts/services-networking/network-policies/
func Chains(cluster Cluster) ([]Chain, error) {
	view := view{namespaces: map[string]labels.Set{}, pods: map[string][]*corev1.Pod{}}
	for _, namespace := range cluster.Namespaces {
		view.namespaces[namespace.Name] = namespace.Labels
	}
	for _, pod := range cluster.Pods {
		if Subject(pod) {
			view.pods[pod.Namespace] = append(view.pods[pod.Namespace], pod)
		}
	}
	policies := slices.Clone(cluster.Policies)
	slices.SortFunc(policies, func(a, b *networkingv1.NetworkPolicy) int {
		return cmp.Compare(a.Namespace+"/"+a.Name, b.Namespace+"/"+b.Name)
	})
	groups := map[string]*Chain{}
	for _, direction := range []Direction{Ingress, Egress} {
		// Rules of each pod: gathered by policy, so that a policy is translated once and not once a pod.
		rules := map[*corev1.Pod][]string{}
		for _, policy := range policies {
			if !slices.Contains(policy.Spec.PolicyTypes, networkingv1.PolicyType(title(direction))) {
				continue
			}
			selected, err := metav1.LabelSelectorAsSelector(&policy.Spec.PodSelector)
			if err != nil {
				return nil, fmt.Errorf("%s/%s: %w", policy.Namespace, policy.Name, err)
			}
			shared := map[string][]string{}
			for _, pod := range view.pods[policy.Namespace] {
				if !selected.Matches(labels.Set(pod.Labels)) {
					continue
				}
				// Named ports are the selected pod's own, so pods with other ports get other rules.
				ports := portsOf(pod)
				allowed, known := shared[ports]
				if !known {
					allowed, err = view.rules(policy, direction, pod)
					if err != nil {
						return nil, fmt.Errorf("%s/%s: %w", policy.Namespace, policy.Name, err)
					}
					shared[ports] = allowed
				}
				rules[pod] = append(append([]string{}, rules[pod]...), allowed...)
			}
		}
		for pod, allowed := range rules {
			key := string(direction) + "\n" + strings.Join(allowed, "\n")
			if groups[key] == nil {
				sum := sha256.Sum256([]byte(key))
				name := string(direction) + "-" + hex.EncodeToString(sum[:6])
				groups[key] = &Chain{Name: name, Direction: direction, Rules: allowed}
			}
			groups[key].Pods = append(groups[key].Pods, pod.Status.PodIP)
		}
	}
	chains := []Chain{}
	for _, chain := range groups {
		slices.Sort(chain.Pods)
		chains = append(chains, *chain)
	}
	slices.SortFunc(chains, func(a, b Chain) int { return cmp.Compare(a.Name, b.Name) })
	return chains, nil
}

// Subject tells whether policies are about a pod: it has an address of its own, and has not ended.
func Subject(pod *corev1.Pod) bool {
	ended := pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed
	return pod.Status.PodIP != "" && !pod.Spec.HostNetwork && !ended
}

func title(direction Direction) string {
	if direction == Ingress {
		return string(networkingv1.PolicyTypeIngress)
	}
	return string(networkingv1.PolicyTypeEgress)
}

// view finds pods by selectors.
type view struct {
	namespaces map[string]labels.Set
	pods       map[string][]*corev1.Pod
}

func (v view) rules(policy *networkingv1.NetworkPolicy, direction Direction, pod *corev1.Pod) ([]string, error) {
	found := []string{}
	add := func(peers []networkingv1.NetworkPolicyPeer, ports []networkingv1.NetworkPolicyPort) error {
		more, err := v.rule(policy.Namespace, direction, pod, peers, ports)
		found = append(found, more...)
		return err
	}
	if direction == Ingress {
		for _, rule := range policy.Spec.Ingress {
			if err := add(rule.From, rule.Ports); err != nil {
				return nil, err
			}
		}
		return found, nil
	}
	for _, rule := range policy.Spec.Egress {
		if err := add(rule.To, rule.Ports); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// rule is every peer with every port: without peers anybody, without ports any.
func (v view) rule(namespace string, direction Direction, pod *corev1.Pod, peers []networkingv1.NetworkPolicyPeer, ports []networkingv1.NetworkPolicyPort) ([]string, error) {
	address := "ip saddr"
	if direction == Egress {
		address = "ip daddr"
	}
	// Ports by name are those of whoever is called.
	numbered, named := []string{}, []networkingv1.NetworkPolicyPort{}
	for _, port := range ports {
		switch {
		case port.Port == nil || port.Port.Type == intstr.Int:
			numbered = append(numbered, portMatch(port, 0))
		case direction == Ingress:
			if number := numberOf(pod, port); number != 0 {
				numbered = append(numbered, portMatch(port, number))
			}
		default:
			named = append(named, port)
		}
	}
	if len(ports) == 0 {
		numbered = append(numbered, "")
	}
	ends, called := []string{}, []*corev1.Pod{}
	if len(peers) == 0 {
		ends = append(ends, "")
		called = v.all()
	}
	for _, peer := range peers {
		if peer.IPBlock != nil {
			if !strings.Contains(peer.IPBlock.CIDR, ":") {
				ends = append(ends, blockMatch(address, peer.IPBlock))
			}
			continue
		}
		pods, err := v.matching(namespace, peer)
		if err != nil {
			return nil, err
		}
		called = append(called, pods...)
		if len(pods) > 0 {
			ends = append(ends, address+" { "+strings.Join(addresses(pods), ", ")+" }")
		}
	}
	rules := []string{}
	for _, end := range ends {
		for _, port := range numbered {
			rules = append(rules, strings.TrimSpace(end+" "+port))
		}
	}
	for _, one := range called {
		for _, port := range named {
			if number := numberOf(one, port); number != 0 {
				rules = append(rules, address+" "+one.Status.PodIP+" "+portMatch(port, number))
			}
		}
	}
	return rules, nil
}

func (v view) matching(namespace string, peer networkingv1.NetworkPolicyPeer) ([]*corev1.Pod, error) {
	pods := labels.Everything()
	if peer.PodSelector != nil {
		selector, err := metav1.LabelSelectorAsSelector(peer.PodSelector)
		if err != nil {
			return nil, err
		}
		pods = selector
	}
	names := []string{namespace}
	if peer.NamespaceSelector != nil {
		selector, err := metav1.LabelSelectorAsSelector(peer.NamespaceSelector)
		if err != nil {
			return nil, err
		}
		names = []string{}
		for name, set := range v.namespaces {
			if selector.Matches(set) {
				names = append(names, name)
			}
		}
	}
	found := []*corev1.Pod{}
	for _, name := range names {
		for _, pod := range v.pods[name] {
			if pods.Matches(labels.Set(pod.Labels)) {
				found = append(found, pod)
			}
		}
	}
	return byAddress(found), nil
}

func (v view) all() []*corev1.Pod {
	found := []*corev1.Pod{}
	for _, pods := range v.pods {
		found = append(found, pods...)
	}
	return byAddress(found)
}

func byAddress(pods []*corev1.Pod) []*corev1.Pod {
	slices.SortFunc(pods, func(a, b *corev1.Pod) int { return cmp.Compare(a.Status.PodIP, b.Status.PodIP) })
	return pods
}

func addresses(pods []*corev1.Pod) []string {
	found := []string{}
	for _, pod := range pods {
		found = append(found, pod.Status.PodIP)
	}
	slices.Sort(found)
	return slices.Compact(found)
}

func blockMatch(address string, block *networkingv1.IPBlock) string {
	match := address + " " + block.CIDR
	if len(block.Except) > 0 {
		match += " " + address + " != { " + strings.Join(block.Except, ", ") + " }"
	}
	return match
}

func portMatch(port networkingv1.NetworkPolicyPort, number int32) string {
	protocol := "tcp"
	if port.Protocol != nil {
		protocol = strings.ToLower(string(*port.Protocol))
	}
	if port.Port == nil {
		return "meta l4proto " + protocol
	}
	if number == 0 {
		number = port.Port.IntVal
	}
	if port.EndPort != nil {
		return fmt.Sprintf("%s dport %d-%d", protocol, number, *port.EndPort)
	}
	return fmt.Sprintf("%s dport %d", protocol, number)
}

// numberOf finds a port of a pod by its name; 0 when it has none of that name and protocol.
func numberOf(pod *corev1.Pod, port networkingv1.NetworkPolicyPort) int32 {
	protocol := corev1.ProtocolTCP
	if port.Protocol != nil {
		protocol = *port.Protocol
	}
	for _, container := range pod.Spec.Containers {
		for _, one := range container.Ports {
			if one.Name == port.Port.StrVal && (one.Protocol == protocol || one.Protocol == "" && protocol == corev1.ProtocolTCP) {
				return one.ContainerPort
			}
		}
	}
	return 0
}

func portsOf(pod *corev1.Pod) string {
	text := ""
	for _, container := range pod.Spec.Containers {
		for _, port := range container.Ports {
			text += fmt.Sprintf("%s %s %d\n", port.Name, port.Protocol, port.ContainerPort)
		}
	}
	return text
}
