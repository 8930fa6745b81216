// Decodes every object of the manifests on standard input strictly, with Kubernetes' own types: an unknown or misspelled field is an error.
// Kinds that come from custom resources are named as not looked at.
package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/client-go/kubernetes/scheme"
)

func main() {
	decoder := serializer.NewCodecFactory(scheme.Scheme, serializer.EnableStrict).UniversalDeserializer()
	documents := yaml.NewYAMLReader(bufio.NewReader(os.Stdin))
	bad := 0
	for {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			fmt.Println("error:", err)
			os.Exit(1)
		}
		if len(bytes.TrimSpace(document)) == 0 {
			continue
		}
		_, kind, err := decoder.Decode(document, nil, nil)
		switch {
		case runtime.IsNotRegisteredError(err):
			fmt.Printf("not looked at: %v\n", err)
		case err != nil:
			fmt.Printf("error: %v: %v\n", kind, err)
			bad++
		default:
			fmt.Printf("ok: %s\n", kind.Kind)
		}
	}
	if bad > 0 {
		os.Exit(1)
	}
}
