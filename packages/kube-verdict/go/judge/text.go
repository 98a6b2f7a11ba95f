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
	// MakesPods says that a Pod Security Standard may have something against it,
	// if it is accepted.
	MakesPods bool `json:"makesPods,omitempty"`
}

func judgeText(r *Request) judgedDocument {
	d := judgedDocument{Document: reading.Read(r.Text, r.TextIsJSON), Objects: []judgedObject{}}
	d.Value = ""
	isJudged := r.Most == 0 || len(d.Document.Objects) <= r.Most
	for _, object := range d.Document.Objects {
		manifest := json.RawMessage(object.Manifest)
		if !isJudged {
			_, kind, err := identify(manifest)
			d.Objects = append(d.Objects, judgedObject{Object: object, MakesPods: err == nil && kind.pods != nil})
			continue
		}
		object.Manifest = ""
		a := judgeManifest(r, manifest)
		d.Objects = append(d.Objects, judgedObject{object, &a, a.kind != nil && a.kind.pods != nil})
	}
	return d
}

func judgeManifest(r *Request, manifest json.RawMessage) Answer {
	if err := checkDepth(manifest, 0); err != nil {
		return notJudged(err)
	}
	one := *r
	one.New = manifest
	return Judge(&one)
}
