package judge

func podErrors(obj object, kind *Kind, level string) []FieldError { return []FieldError{} }
