// The builtin function `forward`: sends every message of its batch on to another queue, with its
// attributes.
//
// A message that cannot be sent fails alone and stays where it was; in a FIFO batch the later ones
// of its group stay with it. As with every function a batch may come twice: a FIFO queue drops what
// it was sent within five minutes, a standard queue then holds it twice.
#pragma once

#include "functions/builtin_function.hpp"
#include "queue/broker.hpp"

namespace headrace::runtime {

// The broker outlives the action.
functions::BuiltinAction make_forward(queue::Broker& broker, queue::QueueAddress target);

}  // namespace headrace::runtime
