package judge

import (
	"context"
	"fmt"
	"strings"

	apiequality "k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	metav1validation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kubernetes/pkg/api/job"
	podutil "k8s.io/kubernetes/pkg/api/pod"
	"k8s.io/kubernetes/pkg/apis/batch"
	"k8s.io/kubernetes/pkg/apis/batch/validation"
	"k8s.io/kubernetes/pkg/apis/core"
)

// batchJob is pkg/registry/batch/job/strategy.go. The gates that it asks for
// are locked on or on by default in 1.34, so nothing of the Job is dropped.
var batchJob = hooks[*batch.Job]{
	prepareCreate: func(obj *batch.Job) {
		if !*obj.Spec.ManualSelector {
			generateJobSelector(obj)
		}
		obj.Status = batch.JobStatus{}
		obj.Generation = 1
		podutil.DropDisabledTemplateFields(&obj.Spec.Template, nil)
	},
	validateCreate: func(obj *batch.Job) field.ErrorList {
		return validation.ValidateJob(obj, jobOptions(obj, nil))
	},
	warnCreate: func(obj *batch.Job) []string {
		return append(podNameWarnings(obj.Name),
			job.WarningsForJobSpec(context.Background(), field.NewPath("spec"), &obj.Spec, nil)...)
	},
	prepareUpdate: func(obj, old *batch.Job) {
		obj.Status = old.Status
		podutil.DropDisabledTemplateFields(&obj.Spec.Template, &old.Spec.Template)
		if !apiequality.Semantic.DeepEqual(obj.Spec, old.Spec) {
			obj.Generation = old.Generation + 1
		}
	},
	validateUpdate: func(obj, old *batch.Job) field.ErrorList {
		opts := jobOptions(obj, old)
		return append(validation.ValidateJob(obj, opts), validation.ValidateJobUpdate(obj, old, opts)...)
	},
	warnUpdate: func(obj, old *batch.Job) []string {
		if obj.Generation == old.Generation {
			return nil
		}
		return job.WarningsForJobSpec(context.Background(), field.NewPath("spec"), &obj.Spec, &old.Spec)
	},
}

func jobOptions(obj, old *batch.Job) validation.JobValidationOptions {
	var oldTemplate *core.PodTemplateSpec
	if old != nil {
		oldTemplate = &old.Spec.Template
	}
	opts := validation.JobValidationOptions{
		PodValidationOptions:  podutil.GetValidationOptionsFromPodTemplate(&obj.Spec.Template, oldTemplate),
		RequirePrefixedLabels: true,
	}
	if old == nil {
		return opts
	}
	opts.AllowInvalidLabelValueInSelector = opts.AllowInvalidLabelValueInSelector || metav1validation.LabelSelectorHasInvalidLabelValue(old.Spec.Selector)
	suspended := old.Spec.Suspend != nil && *old.Spec.Suspend
	opts.AllowMutableSchedulingDirectives = suspended && old.Status.StartTime == nil
	_, hadName := old.Spec.Template.Labels[batch.JobNameLabel]
	_, hadUID := old.Spec.Template.Labels[batch.ControllerUidLabel]
	opts.RequirePrefixedLabels = hadName && hadUID
	return opts
}

// generateJobSelector gives the Job's Pods the labels, and the Job the
// selector, that the API server generates. What the author wrote stays and is
// left to validation.
func generateJobSelector(obj *batch.Job) {
	if obj.Spec.Template.Labels == nil {
		obj.Spec.Template.Labels = map[string]string{}
	}
	uid := string(obj.UID)
	for label, value := range map[string]string{
		batch.LegacyJobNameLabel: obj.Name, batch.JobNameLabel: obj.Name,
		batch.LegacyControllerUidLabel: uid, batch.ControllerUidLabel: uid,
	} {
		if _, found := obj.Spec.Template.Labels[label]; !found {
			obj.Spec.Template.Labels[label] = value
		}
	}
	if obj.Spec.Selector == nil {
		obj.Spec.Selector = &metav1.LabelSelector{}
	}
	if obj.Spec.Selector.MatchLabels == nil {
		obj.Spec.Selector.MatchLabels = map[string]string{}
	}
	if _, found := obj.Spec.Selector.MatchLabels[batch.ControllerUidLabel]; !found {
		obj.Spec.Selector.MatchLabels[batch.ControllerUidLabel] = uid
	}
}

// cronJob is pkg/registry/batch/cronjob/strategy.go.
var cronJob = hooks[*batch.CronJob]{
	prepareCreate: func(obj *batch.CronJob) {
		obj.Status = batch.CronJobStatus{}
		obj.Generation = 1
		podutil.DropDisabledTemplateFields(&obj.Spec.JobTemplate.Spec.Template, nil)
	},
	validateCreate: func(obj *batch.CronJob) field.ErrorList {
		return validation.ValidateCronJobCreate(obj, podutil.GetValidationOptionsFromPodTemplate(&obj.Spec.JobTemplate.Spec.Template, nil))
	},
	warnCreate: func(obj *batch.CronJob) []string {
		return append(podNameWarnings(obj.Name),
			job.WarningsForJobSpec(context.Background(), field.NewPath("spec", "jobTemplate", "spec"), &obj.Spec.JobTemplate.Spec, nil)...)
	},
	prepareUpdate: func(obj, old *batch.CronJob) {
		obj.Status = old.Status
		podutil.DropDisabledTemplateFields(&obj.Spec.JobTemplate.Spec.Template, &old.Spec.JobTemplate.Spec.Template)
		if !apiequality.Semantic.DeepEqual(obj.Spec, old.Spec) {
			obj.Generation = old.Generation + 1
		}
	},
	validateUpdate: func(obj, old *batch.CronJob) field.ErrorList {
		return validation.ValidateCronJobUpdate(obj, old, podutil.GetValidationOptionsFromPodTemplate(&obj.Spec.JobTemplate.Spec.Template, &old.Spec.JobTemplate.Spec.Template))
	},
	warnUpdate: func(obj, old *batch.CronJob) []string {
		var warnings []string
		if obj.Generation != old.Generation {
			warnings = job.WarningsForJobSpec(context.Background(), field.NewPath("spec", "jobTemplate", "spec"), &obj.Spec.JobTemplate.Spec, &old.Spec.JobTemplate.Spec)
		}
		if strings.Contains(obj.Spec.Schedule, "TZ") {
			warnings = append(warnings, fmt.Sprintf("cannot use TZ or CRON_TZ in %s, use timeZone instead, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details", field.NewPath("spec", "spec", "schedule")))
		}
		return warnings
	},
}
