package judge

import (
	apiequality "k8s.io/apimachinery/pkg/api/equality"
	metav1validation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	pvutil "k8s.io/kubernetes/pkg/api/persistentvolume"
	pvcutil "k8s.io/kubernetes/pkg/api/persistentvolumeclaim"
	storageutil "k8s.io/kubernetes/pkg/api/storage"
	"k8s.io/kubernetes/pkg/apis/core"
	corevalidation "k8s.io/kubernetes/pkg/apis/core/validation"
	"k8s.io/kubernetes/pkg/apis/storage"
	"k8s.io/kubernetes/pkg/apis/storage/validation"
	"k8s.io/kubernetes/pkg/features"
	volumevalidation "k8s.io/kubernetes/pkg/volume/validation"
)

// persistentVolumeClaim is pkg/registry/core/persistentvolumeclaim/strategy.go.
var persistentVolumeClaim = hooks[*core.PersistentVolumeClaim]{
	prepareCreate: func(obj *core.PersistentVolumeClaim) {
		obj.Status = core.PersistentVolumeClaimStatus{}
		pvcutil.DropDisabledFields(&obj.Spec, nil)
		pvcutil.EnforceDataSourceBackwardsCompatibility(&obj.Spec, nil)
		pvcutil.NormalizeDataSources(&obj.Spec)
	},
	validateCreate: func(obj *core.PersistentVolumeClaim) field.ErrorList {
		return corevalidation.ValidatePersistentVolumeClaim(obj, corevalidation.ValidationOptionsForPersistentVolumeClaim(obj, nil))
	},
	warnCreate: pvcutil.GetWarningsForPersistentVolumeClaim,
	prepareUpdate: func(obj, old *core.PersistentVolumeClaim) {
		obj.Status = old.Status
		pvcutil.DropDisabledFields(&obj.Spec, &old.Spec)
		pvcutil.EnforceDataSourceBackwardsCompatibility(&obj.Spec, &old.Spec)
		pvcutil.NormalizeDataSources(&obj.Spec)
		pvcutil.NormalizeDataSources(&old.Spec)
	},
	validateUpdate: func(obj, old *core.PersistentVolumeClaim) field.ErrorList {
		opts := corevalidation.ValidationOptionsForPersistentVolumeClaim(obj, old)
		return append(corevalidation.ValidatePersistentVolumeClaim(obj, opts), corevalidation.ValidatePersistentVolumeClaimUpdate(obj, old, opts)...)
	},
	warnUpdate: func(obj, _ *core.PersistentVolumeClaim) []string {
		return pvcutil.GetWarningsForPersistentVolumeClaim(obj)
	},
}

// persistentVolume is pkg/registry/core/persistentvolume/strategy.go.
var persistentVolume = hooks[*core.PersistentVolume]{
	prepareCreate: func(obj *core.PersistentVolume) {
		pvutil.DropDisabledSpecFields(&obj.Spec, nil)
		now := created
		obj.Status = core.PersistentVolumeStatus{Phase: core.VolumePending, LastPhaseTransitionTime: &now}
	},
	validateCreate: func(obj *core.PersistentVolume) field.ErrorList {
		errs := corevalidation.ValidatePersistentVolume(obj, corevalidation.ValidationOptionsForPersistentVolume(obj, nil))
		return append(errs, volumevalidation.ValidatePersistentVolume(obj)...)
	},
	warnCreate: pvutil.GetWarningsForPersistentVolume,
	prepareUpdate: func(obj, old *core.PersistentVolume) {
		obj.Status = old.Status
		pvutil.DropDisabledSpecFields(&obj.Spec, &old.Spec)
	},
	validateUpdate: func(obj, old *core.PersistentVolume) field.ErrorList {
		opts := corevalidation.ValidationOptionsForPersistentVolume(obj, old)
		errs := corevalidation.ValidatePersistentVolume(obj, opts)
		errs = append(errs, volumevalidation.ValidatePersistentVolume(obj)...)
		return append(errs, corevalidation.ValidatePersistentVolumeUpdate(obj, old, opts)...)
	},
	warnUpdate: func(obj, _ *core.PersistentVolume) []string { return pvutil.GetWarningsForPersistentVolume(obj) },
}

// storageClass is pkg/registry/storage/storageclass/strategy.go.
var storageClass = hooks[*storage.StorageClass]{
	validateCreate: validation.ValidateStorageClass,
	warnCreate:     storageutil.GetWarningsForStorageClass,
	validateUpdate: func(obj, old *storage.StorageClass) field.ErrorList {
		return append(validation.ValidateStorageClass(obj), validation.ValidateStorageClassUpdate(obj, old)...)
	},
	warnUpdate: func(obj, _ *storage.StorageClass) []string { return storageutil.GetWarningsForStorageClass(obj) },
}

// volumeAttributesClass is pkg/registry/storage/volumeattributesclass/strategy.go.
var volumeAttributesClass = hooks[*storage.VolumeAttributesClass]{
	validateCreate: validation.ValidateVolumeAttributesClass,
	validateUpdate: func(obj, old *storage.VolumeAttributesClass) field.ErrorList {
		return append(validation.ValidateVolumeAttributesClass(obj), validation.ValidateVolumeAttributesClassUpdate(obj, old)...)
	},
}

// csiDriver is pkg/registry/storage/csidriver/strategy.go.
var csiDriver = hooks[*storage.CSIDriver]{
	onlyConditional: true,
	prepareCreate: func(obj *storage.CSIDriver) {
		dropCSIDriverFields(obj, &storage.CSIDriver{})
	},
	validateCreate: validation.ValidateCSIDriver,
	prepareUpdate: func(obj, old *storage.CSIDriver) {
		dropCSIDriverFields(obj, old)
		if !apiequality.Semantic.DeepEqual(old.Spec, obj.Spec) {
			obj.Generation = old.Generation + 1
		}
	},
	validateUpdate: validation.ValidateCSIDriverUpdate,
}

func dropCSIDriverFields(obj, old *storage.CSIDriver) {
	if old.Spec.SELinuxMount == nil && !utilfeature.DefaultFeatureGate.Enabled(features.SELinuxMountReadWriteOncePod) {
		obj.Spec.SELinuxMount = nil
	}
	if old.Spec.NodeAllocatableUpdatePeriodSeconds == nil && !utilfeature.DefaultFeatureGate.Enabled(features.MutableCSINodeAllocatableCount) {
		obj.Spec.NodeAllocatableUpdatePeriodSeconds = nil
	}
}

// csiNode is pkg/registry/storage/csinode/strategy.go.
var csiNode = hooks[*storage.CSINode]{
	onlyConditional: true,
	validateCreate: func(obj *storage.CSINode) field.ErrorList {
		return validation.ValidateCSINode(obj, csiNodeOptions)
	},
	validateUpdate: func(obj, old *storage.CSINode) field.ErrorList {
		return append(validation.ValidateCSINode(obj, csiNodeOptions), validation.ValidateCSINodeUpdate(obj, old, csiNodeOptions)...)
	},
}

var csiNodeOptions = validation.CSINodeValidationOptions{AllowLongNodeID: true}

// csiStorageCapacity is pkg/registry/storage/csistoragecapacity/strategy.go.
var csiStorageCapacity = hooks[*storage.CSIStorageCapacity]{
	onlyConditional: true,
	validateCreate: func(obj *storage.CSIStorageCapacity) field.ErrorList {
		return validation.ValidateCSIStorageCapacity(obj, validation.CSIStorageCapacityValidateOptions{})
	},
	warnCreate: storageutil.GetWarningsForCSIStorageCapacity,
	validateUpdate: func(obj, old *storage.CSIStorageCapacity) field.ErrorList {
		hadInvalid := len(metav1validation.ValidateLabelSelector(old.NodeTopology, metav1validation.LabelSelectorValidationOptions{}, nil)) > 0
		errs := validation.ValidateCSIStorageCapacity(obj, validation.CSIStorageCapacityValidateOptions{AllowInvalidLabelValueInSelector: hadInvalid})
		return append(errs, validation.ValidateCSIStorageCapacityUpdate(obj, old)...)
	},
	warnUpdate: func(obj, _ *storage.CSIStorageCapacity) []string {
		return storageutil.GetWarningsForCSIStorageCapacity(obj)
	},
}

// volumeAttachment is pkg/registry/storage/volumeattachment/strategy.go.
var volumeAttachment = hooks[*storage.VolumeAttachment]{
	onlyConditional: true,
	prepareCreate:   func(obj *storage.VolumeAttachment) { obj.Status = storage.VolumeAttachmentStatus{} },
	validateCreate: func(obj *storage.VolumeAttachment) field.ErrorList {
		return append(validation.ValidateVolumeAttachment(obj), validation.ValidateVolumeAttachmentV1(obj)...)
	},
	prepareUpdate: func(obj, old *storage.VolumeAttachment) { obj.Status = old.Status },
	validateUpdate: func(obj, old *storage.VolumeAttachment) field.ErrorList {
		return append(validation.ValidateVolumeAttachment(obj), validation.ValidateVolumeAttachmentUpdate(obj, old)...)
	},
}
