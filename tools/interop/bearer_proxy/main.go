// A proxy that lets pass who sends `Authorization: Bearer TOKEN`, HTTP/1.1 and gRPC alike, without TLS.
// Prints the port it listens on; ends when its standard input does.
package main

import (
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
)

func main() {
	to := flag.String("to", "", "URL of the server behind it")
	token := flag.String("token", "", "the only token that is accepted")
	flag.Parse()
	target, err := url.Parse(*to)
	if err != nil || target.Host == "" || *token == "" {
		fmt.Fprintln(os.Stderr, "bearer_proxy: want -to URL and -token TOKEN")
		os.Exit(2)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, "bearer_proxy:", err)
		os.Exit(1)
	}
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()

	var both http.Protocols
	both.SetHTTP1(true)
	both.SetUnencryptedHTTP2(true)
	server := http.Server{Protocols: &both, Handler: guarded(target, "Bearer "+*token)}
	fmt.Fprintln(os.Stderr, server.Serve(listener))
	os.Exit(1)
}

// Each protocol goes on as it came: gRPC knows nothing but HTTP/2, and Jaeger's HTTP port nothing but HTTP/1.1.
func guarded(target *url.URL, wanted string) http.Handler {
	var second http.Protocols
	second.SetUnencryptedHTTP2(true)
	proxies := map[int]*httputil.ReverseProxy{
		1: {FlushInterval: -1, Rewrite: rewrite(target)},
		2: {FlushInterval: -1, Rewrite: rewrite(target), Transport: &http.Transport{Protocols: &second}},
	}
	return http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
		if request.Header.Get("Authorization") == wanted {
			proxies[request.ProtoMajor].ServeHTTP(answer, request)
			return
		}
		if strings.HasPrefix(request.Header.Get("Content-Type"), "application/grpc") {
			answer.Header().Set("Content-Type", "application/grpc")
			answer.Header().Set("Grpc-Status", "16")
			answer.Header().Set("Grpc-Message", "invalid token")
			return
		}
		answer.Header().Set("WWW-Authenticate", "Bearer")
		http.Error(answer, "invalid token", http.StatusUnauthorized)
	})
}

func rewrite(target *url.URL) func(*httputil.ProxyRequest) {
	return func(request *httputil.ProxyRequest) { request.SetURL(target) }
}
