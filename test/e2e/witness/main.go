// A small server that runs in pods of the tests and says what it sees from inside: who it is, what it may, whom it reaches.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

func main() {
	var err error
	switch command, rest := first(os.Args[1:]); command {
	case "", "serve":
		err = serve()
	case "who":
		err = json.NewEncoder(os.Stdout).Encode(who())
	case "reach":
		reach(rest)
	case "resolve":
		var found []string
		if found, err = net.LookupHost(rest[0]); err == nil {
			fmt.Println(strings.Join(found, "\n"))
		}
	case "load":
		err = load(rest[0], rest[1], rest[2], len(rest) > 3 && rest[3] == "fresh")
	case "press":
		err = press(rest[0])
	case "end":
		err = endPress()
	case "write":
		err = os.WriteFile(rest[0], []byte(rest[1]), 0o644)
	case "read":
		var text []byte
		if text, err = os.ReadFile(rest[0]); err == nil {
			fmt.Print(string(text))
		}
	default:
		err = fmt.Errorf("unknown command %q", command)
	}
	if err != nil {
		log.Fatal(err)
	}
}

func first(args []string) (string, []string) {
	if len(args) == 0 {
		return "", nil
	}
	return args[0], args[1:]
}

func serve() error {
	name, _ := os.Hostname()
	fine := func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, name) }
	for _, path := range []string{"/", "/healthz", "/readyz", "/metrics"} {
		http.HandleFunc(path, fine)
	}
	// Keeps one processor busy for so many milliseconds.
	http.HandleFunc("/burn", func(w http.ResponseWriter, r *http.Request) {
		milliseconds, _ := strconv.Atoi(r.URL.Query().Get("ms"))
		sum := 0
		for end := time.Now().Add(time.Duration(milliseconds) * time.Millisecond); time.Now().Before(end); sum++ {
		}
		fmt.Fprintln(w, name, sum)
	})
	log.Println("witness serves as", name)
	go func() {
		ended := make(chan os.Signal, 1)
		signal.Notify(ended, syscall.SIGTERM)
		<-ended
		log.Println("witness was told to end")
		os.Exit(0)
	}()
	go func() { log.Fatal(http.ListenAndServe(":9090", nil)) }()
	return http.ListenAndServe(":8080", nil)
}

// who says what the kernel says of this process.
func who() map[string]string {
	found := map[string]string{"user": strconv.Itoa(os.Getuid()), "group": strconv.Itoa(os.Getgid())}
	status, _ := os.ReadFile("/proc/self/status")
	for line := range strings.Lines(string(status)) {
		key, value, _ := strings.Cut(line, ":")
		switch key {
		case "CapEff", "CapBnd", "NoNewPrivs", "Seccomp":
			found[key] = strings.TrimSpace(value)
		}
	}
	if err := os.WriteFile("/written", nil, 0o644); err != nil {
		found["root"] = err.Error()
	}
	for key, files := range map[string][]string{
		"memory": {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"},
		"shares": {"/sys/fs/cgroup/cpu.weight", "/sys/fs/cgroup/cpu/cpu.shares"},
	} {
		for _, file := range files {
			if text, err := os.ReadFile(file); err == nil {
				found[key] = strings.TrimSpace(string(text))
			}
		}
	}
	return found
}

// reach opens a connection to each address, and says what came of it.
func reach(addresses []string) {
	answers := make([]string, len(addresses))
	var all sync.WaitGroup
	for index, address := range addresses {
		all.Go(func() {
			connection, err := net.DialTimeout("tcp", address, 2*time.Second)
			switch timeout, ok := err.(net.Error); {
			case err == nil:
				connection.Close()
				answers[index] = "reached"
			case ok && timeout.Timeout():
				answers[index] = "dropped"
			default:
				answers[index] = err.Error()
			}
		})
	}
	all.Wait()
	for index, address := range addresses {
		fmt.Println(address, answers[index])
	}
}

// load asks a page again and again, by so many at once and for so long, and says how often it had which answer.
// fresh takes a new connection for each request.
func load(url string, workers string, period string, fresh bool) error {
	count, err := strconv.Atoi(workers)
	if err != nil {
		return err
	}
	length, err := time.ParseDuration(period)
	if err != nil {
		return err
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DisableKeepAlives = fresh
	transport.MaxIdleConnsPerHost = count
	client := &http.Client{Transport: transport, Timeout: 10 * time.Second}
	end := time.Now().Add(length)
	answers := map[string]int{}
	var lock sync.Mutex
	var all sync.WaitGroup
	for range count {
		all.Go(func() {
			for time.Now().Before(end) {
				answer := "200"
				if response, err := client.Get(url); err != nil {
					answer = err.Error()
				} else {
					// A connection whose answer was not read is not used again.
					_, _ = io.Copy(io.Discard, response.Body)
					response.Body.Close()
					answer = strconv.Itoa(response.StatusCode)
				}
				lock.Lock()
				answers[answer]++
				lock.Unlock()
			}
		})
	}
	all.Wait()
	return json.NewEncoder(os.Stdout).Encode(answers)
}
