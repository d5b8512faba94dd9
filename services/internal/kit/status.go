package kit

import (
	"context"
	"errors"
	"net/http"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto says which HTTP status each code is.
var statuses = map[codes.Code]int{
	codes.InvalidArgument: http.StatusBadRequest, codes.NotFound: http.StatusNotFound, codes.AlreadyExists: http.StatusConflict,
	codes.FailedPrecondition: http.StatusConflict, codes.Aborted: http.StatusConflict, codes.ResourceExhausted: http.StatusTooManyRequests,
	codes.Canceled: 499, codes.DeadlineExceeded: http.StatusGatewayTimeout, codes.Unavailable: http.StatusServiceUnavailable,
	codes.Unimplemented: http.StatusNotImplemented,
}

// FailWith answers with what a gRPC error means in HTTP.
func FailWith(w http.ResponseWriter, r *http.Request, err error) {
	about := status.Convert(err)
	answer, known := statuses[about.Code()]
	if !known {
		answer = http.StatusInternalServerError
	}
	if answer >= 500 {
		Log(r.Context()).Error().Err(err).Msg("request failed")
	}
	if answer == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", "1")
	}
	Fail(w, answer, about.Message())
}

// Refused says that an error is an answer, and that asking again will bring the same one.
func Refused(err error) bool {
	switch status.Code(err) {
	case codes.InvalidArgument, codes.NotFound, codes.AlreadyExists, codes.FailedPrecondition, codes.OutOfRange, codes.PermissionDenied:
		return true
	default:
		return false
	}
}

// Stored turns an error of a store into one that says to try again: a store refuses nothing by itself.
func Stored(err error) error {
	if err == nil {
		return nil
	}
	if _, already := status.FromError(err); already {
		return err
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return status.FromContextError(err).Err()
	}
	return status.Errorf(codes.Unavailable, "the store: %v", err)
}
