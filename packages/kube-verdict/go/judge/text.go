package judge

import (
	"encoding/json"

	"kube-verdict/go/reading"
)

// parts is the answer to "split".
type parts struct {
	Parts []reading.Part `json:"parts"`
}

func splitText(r *Request) parts {
	found := reading.Split(r.Text)
	if found == nil {
		found = []reading.Part{}
	}
	return parts{found}
}

// judgedDocument is the answer to "create" or "apply" of a document.
type judgedDocument struct {
	*reading.Document
	Objects []judgedObject `json:"objects"`
}

type judgedObject struct {
	reading.Object
	// Judgement is nil where there are more objects than Request.Most: then each
	// has its manifest, and is to be asked of by itself.
	Judgement *Answer `json:"judgement,omitempty"`
	// MakesPods says that a Pod Security Standard may have something against it.
	MakesPods bool `json:"makesPods,omitempty"`
}

func judgeText(r *Request) judgedDocument {
	d := judgedDocument{Document: reading.Read(r.Text, r.TextIsJSON), Objects: []judgedObject{}}
	d.Value = ""
	for _, object := range d.Document.Objects {
		manifest := json.RawMessage(object.Manifest)
		_, kind, err := identify(manifest)
		judged := judgedObject{Object: object, MakesPods: err == nil && kind.pods != nil}
		if r.Most == 0 || len(d.Document.Objects) <= r.Most {
			judged.Manifest, judged.Judgement = "", judgeManifest(r, manifest)
		}
		d.Objects = append(d.Objects, judged)
	}
	return d
}

func judgeManifest(r *Request, manifest json.RawMessage) *Answer {
	var answer Answer
	if err := checkDepth(manifest, 0); err != nil {
		answer = notJudged(err)
	} else {
		one := *r
		one.New = manifest
		answer = Judge(&one)
	}
	return &answer
}
