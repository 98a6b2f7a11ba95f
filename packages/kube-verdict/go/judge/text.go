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
	Judgement Answer `json:"judgement"`
	// MakesPods says of an accepted object that a Pod Security Standard may have something against it.
	MakesPods bool `json:"makesPods,omitempty"`
}

func judgeText(r *Request) judgedDocument {
	d := judgedDocument{Document: reading.Read(r.Text, r.TextIsJSON), Objects: []judgedObject{}}
	d.Value = ""
	for _, object := range d.Document.Objects {
		one := *r
		one.New, object.Manifest = json.RawMessage(object.Manifest), ""
		if err := checkDepth(one.New, 0); err != nil {
			d.Objects = append(d.Objects, judgedObject{Object: object, Judgement: notJudged(err)})
			continue
		}
		a := Judge(&one)
		d.Objects = append(d.Objects, judgedObject{object, a, a.kind != nil && a.kind.pods != nil})
	}
	return d
}
