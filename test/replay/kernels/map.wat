  (func $map_0 (param i32 i32 i32 i32)
    (local i32 … 14 of them)
    (local v128 … 22 of them)
    local.get 2
    i32.load
    local.set 4
    local.get 2
    i32.load offset=4
    local.set 5
    local.get 2
    i32.load offset=8
    local.set 6
    local.get 0
    local.set 10
    local.get 10
    local.set 12
    local.get 12
    local.set 7
    local.get 7
    i32.const 256
    i32.mul
    local.set 8
    i32.const 0
    local.set 9
    local.get 0
    local.set 13
    block
      local.get 13
      local.get 1
      i32.ge_s
      br_if 0
      loop
        local.get 8
        local.get 4
        i32.add
        local.set 14
        local.get 9
        local.get 5
        i32.add
        local.set 15
        local.get 8
        local.get 6
        i32.add
        local.set 16
        i32.const 64
        local.set 17
        block
          local.get 17
          i32.const 8
          i32.lt_s
          br_if 0
          loop
            local.get 14
            v128.load
            local.get 15
            v128.load
            f32x4.add
            local.set 18
            local.get 18
            f32x4.abs
            local.set 19
            local.get 18
            local.get 18
            f32x4.mul
            local.set 20
            v128.const f32x4 -0.0057049887254834175 -0.0057049887254834175 -0.0057049887254834175 -0.0057049887254834175
            local.get 20
            v128.const f32x4 0.0206390880048275 0.0206390880048275 0.0206390880048275 0.0206390880048275
            f32x4.relaxed_madd
            local.get 20
            v128.const f32x4 -0.05373971536755562 -0.05373971536755562 -0.05373971536755562 -0.05373971536755562
            f32x4.relaxed_madd
            local.get 20
            v128.const f32x4 0.13331441581249237 0.13331441581249237 0.13331441581249237 0.13331441581249237
            f32x4.relaxed_madd
            local.get 20
            v128.const f32x4 -0.3333328068256378 -0.3333328068256378 -0.3333328068256378 -0.3333328068256378
            f32x4.relaxed_madd
            local.get 20
            f32x4.mul
            local.get 18
            local.get 18
            f32x4.relaxed_madd
            local.set 21
            local.get 19
            local.get 19
            f32x4.add
            v128.const f32x4 -104 -104 -104 -104
            f32x4.pmax
            v128.const f32x4 89 89 89 89
            f32x4.pmin
            local.set 22
            local.get 22
            v128.const f32x4 1.4426950216293335 1.4426950216293335 1.4426950216293335 1.4426950216293335
            v128.const f32x4 12582912 12582912 12582912 12582912
            f32x4.relaxed_madd
            local.set 23
            local.get 23
            v128.const f32x4 12582912 12582912 12582912 12582912
            f32x4.sub
            local.set 24
            local.get 24
            v128.const f32x4 -0.00021219444170128554 -0.00021219444170128554 -0.00021219444170128554 -0.00021219444170128554
            local.get 24
            v128.const f32x4 0.693359375 0.693359375 0.693359375 0.693359375
            local.get 22
            f32x4.relaxed_nmadd
            f32x4.relaxed_nmadd
            local.set 25
            local.get 23
            v128.const f32x4 12582912 12582912 12582912 12582912
            i32x4.sub
            local.set 26
            local.get 26
            i32.const 1
            i32x4.shr_s
            local.set 27
            local.get 21
            v128.const f32x4 1 1 1 1
            v128.const f32x4 2 2 2 2
            local.get 25
            local.get 25
            f32x4.mul
            v128.const f32x4 0.00019875691214110702 0.00019875691214110702 0.00019875691214110702 0.00019875691214110702
            local.get 25
            v128.const f32x4 0.001398199936375022 0.001398199936375022 0.001398199936375022 0.001398199936375022
            f32x4.relaxed_madd
            local.get 25
            v128.const f32x4 0.008333452045917511 0.008333452045917511 0.008333452045917511 0.008333452045917511
            f32x4.relaxed_madd
            local.get 25
            v128.const f32x4 0.04166579619050026 0.04166579619050026 0.04166579619050026 0.04166579619050026
            f32x4.relaxed_madd
            local.get 25
            v128.const f32x4 0.1666666567325592 0.1666666567325592 0.1666666567325592 0.1666666567325592
            f32x4.relaxed_madd
            local.get 25
            v128.const f32x4 0.5 0.5 0.5 0.5
            f32x4.relaxed_madd
            local.get 25
            f32x4.relaxed_madd
            v128.const f32x4 1 1 1 1
            f32x4.add
            local.get 27
            v128.const f32x4 1.7796490496925177e-43 1.7796490496925177e-43 1.7796490496925177e-43 1.7796490496925177e-43
            i32x4.add
            i32.const 23
            i32x4.shl
            f32x4.mul
            local.get 26
            local.get 27
            i32x4.sub
            v128.const f32x4 1.7796490496925177e-43 1.7796490496925177e-43 1.7796490496925177e-43 1.7796490496925177e-43
            i32x4.add
            i32.const 23
            i32x4.shl
            f32x4.mul
            v128.const f32x4 1 1 1 1
            f32x4.add
            f32x4.div
            f32x4.sub
            local.get 18
            v128.const f32x4 0 0 0 0
            v128.and
            v128.or
            local.get 19
            v128.const f32x4 0.625 0.625 0.625 0.625
            f32x4.lt
            v128.bitselect
            local.set 28
            local.get 14
            v128.load offset=16
            local.get 15
            v128.load offset=16
            f32x4.add
            local.set 29
            local.get 29
            f32x4.abs
            local.set 30
            local.get 29
            local.get 29
            f32x4.mul
            local.set 31
            v128.const f32x4 -0.0057049887254834175 -0.0057049887254834175 -0.0057049887254834175 -0.0057049887254834175
            local.get 31
            v128.const f32x4 0.0206390880048275 0.0206390880048275 0.0206390880048275 0.0206390880048275
            f32x4.relaxed_madd
            local.get 31
            v128.const f32x4 -0.05373971536755562 -0.05373971536755562 -0.05373971536755562 -0.05373971536755562
            f32x4.relaxed_madd
            local.get 31
            v128.const f32x4 0.13331441581249237 0.13331441581249237 0.13331441581249237 0.13331441581249237
            f32x4.relaxed_madd
            local.get 31
            v128.const f32x4 -0.3333328068256378 -0.3333328068256378 -0.3333328068256378 -0.3333328068256378
            f32x4.relaxed_madd
            local.get 31
            f32x4.mul
            local.get 29
            local.get 29
            f32x4.relaxed_madd
            local.set 32
            local.get 30
            local.get 30
            f32x4.add
            v128.const f32x4 -104 -104 -104 -104
            f32x4.pmax
            v128.const f32x4 89 89 89 89
            f32x4.pmin
            local.set 33
            local.get 33
            v128.const f32x4 1.4426950216293335 1.4426950216293335 1.4426950216293335 1.4426950216293335
            v128.const f32x4 12582912 12582912 12582912 12582912
            f32x4.relaxed_madd
            local.set 34
            local.get 34
            v128.const f32x4 12582912 12582912 12582912 12582912
            f32x4.sub
            local.set 35
            local.get 35
            v128.const f32x4 -0.00021219444170128554 -0.00021219444170128554 -0.00021219444170128554 -0.00021219444170128554
            local.get 35
            v128.const f32x4 0.693359375 0.693359375 0.693359375 0.693359375
            local.get 33
            f32x4.relaxed_nmadd
            f32x4.relaxed_nmadd
            local.set 36
            local.get 34
            v128.const f32x4 12582912 12582912 12582912 12582912
            i32x4.sub
            local.set 37
            local.get 37
            i32.const 1
            i32x4.shr_s
            local.set 38
            local.get 32
            v128.const f32x4 1 1 1 1
            v128.const f32x4 2 2 2 2
            local.get 36
            local.get 36
            f32x4.mul
            v128.const f32x4 0.00019875691214110702 0.00019875691214110702 0.00019875691214110702 0.00019875691214110702
            local.get 36
            v128.const f32x4 0.001398199936375022 0.001398199936375022 0.001398199936375022 0.001398199936375022
            f32x4.relaxed_madd
            local.get 36
            v128.const f32x4 0.008333452045917511 0.008333452045917511 0.008333452045917511 0.008333452045917511
            f32x4.relaxed_madd
            local.get 36
            v128.const f32x4 0.04166579619050026 0.04166579619050026 0.04166579619050026 0.04166579619050026
            f32x4.relaxed_madd
            local.get 36
            v128.const f32x4 0.1666666567325592 0.1666666567325592 0.1666666567325592 0.1666666567325592
            f32x4.relaxed_madd
            local.get 36
            v128.const f32x4 0.5 0.5 0.5 0.5
            f32x4.relaxed_madd
            local.get 36
            f32x4.relaxed_madd
            v128.const f32x4 1 1 1 1
            f32x4.add
            local.get 38
            v128.const f32x4 1.7796490496925177e-43 1.7796490496925177e-43 1.7796490496925177e-43 1.7796490496925177e-43
            i32x4.add
            i32.const 23
            i32x4.shl
            f32x4.mul
            local.get 37
            local.get 38
            i32x4.sub
            v128.const f32x4 1.7796490496925177e-43 1.7796490496925177e-43 1.7796490496925177e-43 1.7796490496925177e-43
            i32x4.add
            i32.const 23
            i32x4.shl
            f32x4.mul
            v128.const f32x4 1 1 1 1
            f32x4.add
            f32x4.div
            f32x4.sub
            local.get 29
            v128.const f32x4 0 0 0 0
            v128.and
            v128.or
            local.get 30
            v128.const f32x4 0.625 0.625 0.625 0.625
            f32x4.lt
            v128.bitselect
            local.set 39
            local.get 16
            local.get 28
            v128.store
            local.get 16
            local.get 39
            v128.store offset=16
            local.get 14
            i32.const 32
            i32.add
            local.set 14
            local.get 15
            i32.const 32
            i32.add
            local.set 15
            local.get 16
            i32.const 32
            i32.add
            local.set 16
            local.get 17
            i32.const -8
            i32.add
            local.set 17
            local.get 17
            i32.const 8
            i32.ge_s
            br_if 0
          end
        end
        local.get 7
        i32.const 1
        i32.add
        local.set 7
        local.get 8
        i32.const 256
        i32.add
        local.set 8
        local.get 13
        i32.const 1
        i32.add
        local.set 13
        local.get 13
        local.get 1
        i32.lt_s
        br_if 0
      end
    end
  )
)
