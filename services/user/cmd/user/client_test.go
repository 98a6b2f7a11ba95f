package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"
)

// client sends requests to one service, and holds every answer to openapi.yaml.
type client struct {
	url  string
	http *http.Client
}

func newClient(t *testing.T, address string) client {
	transport := &http.Transport{MaxIdleConnsPerHost: 2000, MaxIdleConns: 2000}
	t.Cleanup(transport.CloseIdleConnections)
	return client{url: address, http: &http.Client{Transport: &contract{next: transport}, Timeout: 30 * time.Second}}
}

// answer is an answer, read wholly.
type answer struct {
	status int
	header http.Header
	body   string
}

func (a answer) String() string { return fmt.Sprintf("%d %s", a.status, strings.TrimSpace(a.body)) }

type user struct {
	ID       int64  `json:"id"`
	Username string `json:"username"`
	Email    string `json:"email"`
}

func (a answer) user(t *testing.T) user {
	t.Helper()
	var body struct {
		UserInfo user `json:"user_info"`
	}
	if err := json.Unmarshal([]byte(a.body), &body); err != nil || a.status != http.StatusOK {
		t.Fatalf("the answer is no user: %s", a)
	}
	return body.UserInfo
}

func (c client) do(request *http.Request) (answer, error) {
	response, err := c.http.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	return answer{response.StatusCode, response.Header, string(body)}, err
}

func (c client) send(method, path, contentType, body string, header ...string) (answer, error) {
	request, err := http.NewRequest(method, c.url+path, strings.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	return c.do(request)
}

const (
	formType = "application/x-www-form-urlencoded"
	jsonType = "application/json"
)

func (c client) mustSend(t *testing.T, method, path, contentType, body string, header ...string) answer {
	t.Helper()
	got, err := c.send(method, path, contentType, body, header...)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return got
}

func form(pairs ...string) string {
	values := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		values.Add(pairs[i], pairs[i+1])
	}
	return values.Encode()
}

func object(pairs ...string) string {
	fields := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		fields[pairs[i]] = pairs[i+1]
	}
	encoded, _ := json.Marshal(fields)
	return string(encoded)
}

func (c client) register(email, password string) (answer, error) {
	return c.send(http.MethodPost, "/register", formType, form("username", "ada", "email", email, "password", password))
}

func (c client) login(email, password string) (answer, error) {
	return c.send(http.MethodPost, "/login", formType, form("email", email, "password", password))
}

func (c client) mustRegister(t *testing.T, email, password string) user {
	t.Helper()
	got, err := c.register(email, password)
	if err != nil {
		t.Fatal(err)
	}
	return got.user(t)
}

func (c client) mustLogin(t *testing.T, email, password string) user {
	t.Helper()
	got, err := c.login(email, password)
	if err != nil {
		t.Fatal(err)
	}
	return got.user(t)
}

// awaitReady waits until /readyz says the status.
func (c client) awaitReady(t *testing.T, status string) {
	t.Helper()
	eventually(t, 60*time.Second, func() string {
		got, err := c.send(http.MethodGet, "/readyz", "", "")
		if err != nil {
			return err.Error()
		}
		if !strings.Contains(got.body, `"status":"`+status+`"`) {
			return got.String()
		}
		return ""
	})
}

// metric is the value of a line of /metrics that starts with name.
func (c client) metric(t *testing.T, name string) float64 {
	t.Helper()
	got := c.mustSend(t, http.MethodGet, "/metrics", "", "")
	for line := range strings.Lines(got.body) {
		if rest, found := strings.CutPrefix(line, name+" "); found {
			var value float64
			if _, err := fmt.Sscan(rest, &value); err != nil {
				t.Fatal(err)
			}
			return value
		}
	}
	return 0
}

// contract fails a round trip whose answer openapi.yaml does not describe.
// Requests that openapi.yaml has no operation for pass: some tests send them.
type contract struct {
	next   http.RoundTripper
	once   sync.Once
	router routers.Router
	err    error
}

func (c *contract) load(request *http.Request) {
	specification := *request.URL
	specification.Path = "/openapi.yaml"
	fetch, err := http.NewRequest(http.MethodGet, specification.String(), nil)
	if err != nil {
		c.err = err
		return
	}
	response, err := c.next.RoundTrip(fetch)
	if err != nil {
		c.err = err
		return
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		c.err = err
		return
	}
	document, err := openapi3.NewLoader().LoadFromData(text)
	if err == nil {
		err = document.Validate(context.Background())
	}
	if err == nil {
		c.router, err = legacy.NewRouter(document)
	}
	c.err = err
}

func (c *contract) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := c.next.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	c.once.Do(func() { c.load(request) })
	if c.err != nil {
		return nil, c.err
	}
	described := request.Clone(request.Context())
	described.URL.Host, described.URL.Scheme, described.Host = "", "", ""
	route, parameters, err := c.router.FindRoute(described)
	if err != nil {
		return response, nil
	}
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	_ = response.Body.Close()
	response.Body = io.NopCloser(bytes.NewReader(body))
	err = openapi3filter.ValidateResponse(request.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: described, PathParams: parameters, Route: route},
		Status:                 response.StatusCode,
		Header:                 response.Header,
		Body:                   io.NopCloser(bytes.NewReader(body)),
		Options:                &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true},
	})
	if err != nil {
		return nil, fmt.Errorf("the answer %d %s is not as openapi.yaml says: %w", response.StatusCode, body, err)
	}
	return response, nil
}
